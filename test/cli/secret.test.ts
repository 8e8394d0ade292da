import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { readSecret } from "../../src/cli/secret.ts";

const setting = "DESKPAIR_CLIENT_SECRET_FILE";
const empty = () => Readable.from([]);

async function secretFile(content: string | Buffer, mode = 0o600): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskpair-secret-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "secret");
  await writeFile(file, content);
  await chmod(file, mode);
  return file;
}

test.each([
  ["no newline", "s3cret", "s3cret"],
  ["one newline", "s3cret\n", "s3cret"],
  ["a Windows newline", "s3cret\r\n", "s3cret"],
  ["spaces, which count", " s3 cret ", " s3 cret "],
  ["a byte order mark", "\uFEFFs3cret\n", "s3cret"],
  ["more than ASCII", "ßecret ✓", "ßecret ✓"],
  ["all that fits", "x".repeat(8_192), "x".repeat(8_192)],
])("a file with %s", async (_what, content, secret) => {
  expect(await readSecret({ value: await secretFile(content), setting }, empty)).toEqual({
    ok: true,
    value: { secret, warning: null },
  });
  expect(await readSecret({ value: "-", setting }, () => Readable.from([Buffer.from(content)]))).toEqual({
    ok: true,
    value: { secret, warning: null },
  });
});

describe("what is refused", () => {
  test.each([
    ["empty", "", "it is empty"],
    ["nothing but a newline", "\n", "it is empty"],
    ["two lines", "one\ntwo\n", "it holds more than one line, or control characters"],
    ["a newline too many", "one\n\n", "it holds more than one line, or control characters"],
    ["UTF-16, as PowerShell writes it", Buffer.from("\uFEFFs3cret\n", "utf16le"), "it is not UTF-8 text"],
    ["too large", "x".repeat(8_193), "holds more than a secret"],
  ])("%s", async (_what, content, problem) => {
    const expected = {
      ok: false,
      error: { code: "configuration-invalid", setting, problem: expect.stringContaining(problem) },
    };
    expect(await readSecret({ value: await secretFile(content), setting }, empty)).toEqual(expected);
    expect(await readSecret({ value: "-", setting }, () => Readable.from([Buffer.from(content)]))).toEqual(expected);
  });

  test("an endless file and an endless stdin are not read to their end", async () => {
    expect(await readSecret({ value: "/dev/zero", setting }, empty)).toMatchObject({ ok: false });
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(1_000);
      })(),
    );
    expect(await readSecret({ value: "-", setting }, () => endless)).toMatchObject({ ok: false });
  });

  test("a terminal as stdin, because what is typed would be seen", async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    expect(await readSecret({ value: "-", setting }, () => terminal)).toMatchObject({
      ok: false,
      error: { problem: expect.stringContaining("terminal") },
    });
  });

  test.each([
    ["a folder", tmpdir(), "it names a folder, not a file"],
    ["nothing", "/nonexistent/secret", "the file cannot be read (it does not exist)"],
  ])("%s", async (_what, value, problem) => {
    expect(await readSecret({ value, setting }, empty)).toMatchObject({ ok: false, error: { problem } });
  });
});

test.each([0o604, 0o640, 0o666])("a file of mode %o can be used, with a warning", async (mode) => {
  const file = await secretFile("s3cret", mode);
  expect(await readSecret({ value: file, setting }, empty)).toEqual({
    ok: true,
    value: { secret: "s3cret", warning: `Other users can read ${file}. Run: chmod 600 ${file}` },
  });
});
