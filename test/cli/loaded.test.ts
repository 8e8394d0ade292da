import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { createPlace } from "./command-line.ts";

/** Start-up time is what a fleet pays a thousand times, so what is loaded is a matter of names and not of chance. */
const hooks = (file: string): string => `
  import { appendFileSync } from "node:fs";
  import { registerHooks } from "node:module";
  registerHooks({
    load: (url, context, next) => {
      appendFileSync(${JSON.stringify(file)}, url + "\\n");
      return next(url, context);
    },
  });`;

const usual = /^(deskpair|main|program|rolldown-runtime)\b.*\.js$/;

test.each([
  ["the version", ["--version"], []],
  ["help", ["--help"], []],
  ["a worker with a secret file", ["devices", "list", "--user", "ada@example.com"], []],
  ["a pairing", ["pair", "desktop", "--user", "ada@example.com"], [/^port-owner-/]],
  ["profiles", ["profiles", "list"], [/^(profiles|profile|config)/]],
] as const)("%s loads neither the sign-in of people nor the key store", async (_what, args, also) => {
  const place = await createPlace();
  const loaded = join(place.folder, "loaded");
  const preload = join(place.folder, "preload.mjs");
  await writeFile(preload, hooks(loaded));
  const run = await place.run(args, { environment: { NODE_OPTIONS: `--import=${preload}` } });
  expect(run.code, run.stderr).toBe(0);
  const files = (await readFile(loaded, "utf8"))
    .split("\n")
    .filter((url) => url.startsWith("file:") && !url.endsWith("preload.mjs"))
    .map((url) => basename(new URL(url).pathname));
  expect(files).toContain("deskpair.js");
  expect(files.filter((name) => ![usual, ...also].some((pattern) => pattern.test(name)))).toEqual([]);
});
