import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { exportPKCS8, generateKeyPair } from "jose";
import { expect, onTestFinished, test } from "vitest";
import { readKeyFile } from "../../src/node/key-file.ts";

async function place(name = "key.pem"): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-key-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, name);
}

async function keyFile(content: string | Uint8Array, mode = 0o600): Promise<string> {
  const path = await place();
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

const invalid = (problem: string) => ({
  ok: false,
  error: { code: "configuration-invalid", setting: "private key file", problem },
});

test("gives back the text, also through a link", async () => {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const pem = await exportPKCS8(privateKey);
  const path = await keyFile(pem);
  expect(await readKeyFile(path)).toEqual({ ok: true, value: pem });
  await symlink(path, `${path}.link`);
  expect(await readKeyFile(`${path}.link`)).toEqual({ ok: true, value: pem });
  expect(await readKeyFile(await keyFile(pem, 0o400))).toEqual({ ok: true, value: pem });
});

test.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o777])("one that others can use is refused (%o)", async (mode) => {
  expect(await readKeyFile(await keyFile("planted-key", mode))).toEqual(
    invalid("other users can read it; let only its owner (chmod 600)"),
  );
});

test("what is there instead of a key is named, and nothing of it is read", async () => {
  expect(await readKeyFile(await place())).toEqual(invalid("it does not exist"));
  const folder = await place();
  await mkdir(folder, { mode: 0o700 });
  expect(await readKeyFile(folder)).toEqual(invalid("it is not a file"));
  expect(await readKeyFile(join(await keyFile("x"), "key.pem"))).toEqual(
    invalid("a file is in the place of its folder"),
  );
  expect(await readKeyFile(await keyFile(new Uint8Array(65_537)))).toEqual(invalid("it holds more than a key"));
  expect(await readKeyFile("/dev/zero")).toEqual(invalid("it is not a file"));
});

test("a pipe that nobody writes to does not hold up the sign-in", async () => {
  const path = await place();
  await promisify(execFile)("mkfifo", ["-m", "600", path]);
  expect(await readKeyFile(path)).toEqual(invalid("it is not a file"));
});
