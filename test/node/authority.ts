import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

export type Authority = {
  readonly caFile: string;
  /** PEM. */
  readonly ca: string;
  /** A certificate for a name, with its key, as a TLS server takes them. */
  readonly sign: (name: string) => Promise<{ readonly cert: string; readonly key: string }>;
};

/** A certificate authority that nobody knows, made with openssl. It goes with the test, unless `lasting` says how. */
export async function createAuthority(
  name: string,
  organisation = name,
  lasting: (remove: () => Promise<void>) => void = onTestFinished,
): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-authority-"));
  lasting(() => rm(folder, { recursive: true, force: true }));
  const at = (file: string): string => join(folder, file);
  const run = (...args: readonly string[]) => promisify(execFile)("openssl", ["req", "-x509", ...args]);
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const subject = ["-subj", `/O=${organisation}/CN=${name}`];
  await run(...key, "-keyout", at("ca.key"), "-out", at("ca.pem"), ...subject);
  return {
    caFile: at("ca.pem"),
    ca: await readFile(at("ca.pem"), "utf8"),
    sign: async (host) => {
      const signing = ["-CA", at("ca.pem"), "-CAkey", at("ca.key")];
      const about = ["-subj", `/CN=${host}`, "-addext", `subjectAltName=DNS:${host}`];
      await run(...key, ...signing, "-keyout", at(`${host}.key`), "-out", at(`${host}.pem`), ...about);
      const [cert, own] = await Promise.all([readFile(at(`${host}.pem`), "utf8"), readFile(at(`${host}.key`), "utf8")]);
      return { cert, key: own };
    },
  };
}
