import { readFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { Files } from "../core/ports.ts";
import { type ConfigurationFile, configurationFile, parseConfiguration } from "../core/profiles/file.ts";
import { codeOf, createFiles, storageFailure } from "../node/files.ts";
import { configurationFolder } from "../node/host.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The file that holds the profiles, and whether somebody named it. A default file that is not there is no mistake. */
export type ConfigPlace = { readonly path: string; readonly named: boolean };

/** @param option of the command line; it beats `DESKPAIR_CONFIG`, which beats the default */
export function configPlace(option: string | null, environment: Environment): ConfigPlace {
  const named = option ?? (environment["DESKPAIR_CONFIG"] || null);
  const path = resolve(named ?? join(configurationFolder(environment), configurationFile));
  return { path, named: named !== null };
}

/** `null`: there is no file, and nobody named one. */
export async function readConfigFile({ path, named }: ConfigPlace): Promise<Outcome<ConfigurationFile | null>> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT" && !named) return ok(null);
    return notUsable(path, problemOf(storageFailure("read", error)));
  }
  const parsed = parseConfiguration(content);
  return "file" in parsed ? ok(parsed.file) : notUsable(path, parsed.problem);
}

export const notUsable = (path: string, problem: string) =>
  fail({ code: "configuration-invalid", setting: "configuration file", problem: `${problem} (${path})` });

const problemOf = (error: AppError): string => (error.code === "storage-failed" ? error.problem : "it cannot be read");

/**
 * The file as the core's profiles want it: under the name that they use, whatever it is called on the disk. Fails when
 * its name cannot be written safely on every system.
 */
export function configurationFiles({ path }: ConfigPlace): Outcome<Files> {
  const name = basename(path);
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$/.test(name)) {
    return notUsable(path, "its name may hold letters, digits, -, _ and single dots only, to be written");
  }
  const files = createFiles(dirname(path));
  return ok({
    read: () => files.read(name),
    replace: (_, text) => files.replace(name, text),
    append: (_, text) => files.append(name, text),
    setAside: () => files.setAside(name),
  });
}
