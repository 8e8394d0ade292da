import { readFile, stat } from "node:fs/promises";
import type { BrokenAuthorityFile } from "../core/doctor/ports.ts";
import { codeOf, storageFailure } from "./files.ts";

/** Node's own variable, and the one by which OpenSSL finds the system's store. Both fail in silence, or in a warning. */
const variables = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];
/** All authorities of the world have 250 kB. */
const mostBytes = 20_000_000;

/** Files with certificate authorities that the environment names and that hold none. */
export async function findBrokenAuthorityFiles(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly BrokenAuthorityFile[]> {
  const looked = variables.map(async (setting): Promise<readonly BrokenAuthorityFile[]> => {
    const path = environment[setting];
    if (path === undefined || path === "") return [];
    const problem = await problemOf(path);
    return problem === null ? [] : [{ setting, path, problem }];
  });
  return (await Promise.all(looked)).flat();
}

async function problemOf(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    if (!found.isFile()) return "it is not a file";
    if (found.size > mostBytes) return "it is far too large for a list of certificates";
    const text = await readFile(path, "latin1");
    const certificates = text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END [^-]*-----/g) ?? [];
    if (certificates.length === 0) return "there is no certificate in it (PEM)";
    const broken = certificates.findIndex((certificate) => !isCertificate(certificate));
    return broken < 0 ? null : `certificate ${broken + 1} in it cannot be read`;
  } catch (error) {
    if (codeOf(error) === "") throw error;
    const failure = storageFailure("read", error);
    return failure.code === "storage-failed" ? failure.problem : failure.code;
  }
}

function isCertificate(text: string): boolean {
  try {
    const { X509Certificate } = process.getBuiltinModule("node:crypto");
    return new X509Certificate(text).subject !== "";
  } catch {
    return false;
  }
}
