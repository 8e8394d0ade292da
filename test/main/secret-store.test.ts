import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSecretStore, type Encryption, secretsFile } from "../../src/main/secret-store.ts";
import { createFiles } from "../../src/node/files.ts";
import { type FakeFiles, memoryFiles } from "../fakes/files.ts";
import { gate } from "../fakes/http.ts";
import { recordingLog } from "../fakes/log.ts";

/**
 * The key store of a computer, as Electron's asynchronous safeStorage shows it ("safeStorage", and Chromium's tags: `v10`
 * on Linux is the key that everybody knows). Its state changes while a test runs, as that of a real one does.
 */
type KeyStore = Encryption & {
  state: "open" | "locked" | "missing";
  backend: ReturnType<Encryption["getSelectedStorageBackend"]>;
  /** The generation of the key; what was encrypted with an older one is still read, and wants to be written anew. */
  tag: "v10" | "v11" | "v12";
  /** Called before each answer. */
  before: (what: "encrypt" | "decrypt") => Promise<void>;
};

function keyStore(given: Partial<Pick<KeyStore, "state" | "backend" | "tag">> = {}): KeyStore {
  const key = randomBytes(32);
  const usable = (): void => {
    if (store.state === "locked") throw new Error("safeStorage is temporarily unavailable. Please try again.");
    if (store.state === "missing") throw new Error("Error: encryption is not available.");
  };
  const store: KeyStore = {
    state: "open",
    backend: "gnome_libsecret",
    tag: "v11",
    before: async () => undefined,
    ...given,
    isAsyncEncryptionAvailable: async () => store.state === "open",
    getSelectedStorageBackend: () => store.backend,
    encryptStringAsync: async (text) => {
      await store.before("encrypt");
      usable();
      const iv = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      return Buffer.concat([Buffer.from(store.tag), iv, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
    },
    decryptStringAsync: async (encrypted) => {
      await store.before("decrypt");
      usable();
      const decipher = createDecipheriv("aes-256-gcm", key, encrypted.subarray(3, 15));
      decipher.setAuthTag(encrypted.subarray(-16));
      const result = decipher.update(encrypted.subarray(15, -16), undefined, "utf8") + decipher.final("utf8");
      return { result, shouldReEncrypt: encrypted.toString("latin1", 0, 3) !== store.tag };
    },
  };
  return store;
}

function open(encryption: Encryption = keyStore(), files = memoryFiles(), platform: NodeJS.Platform = "linux") {
  const { log, lines } = recordingLog();
  return { store: createSecretStore(encryption, files, platform, log), files, lines };
}

const done = { ok: true, value: null } as const;
const secret = "planted-refresh-token";
const recordsIn = (files: FakeFiles): Record<string, string> =>
  JSON.parse(files.contents.get(secretsFile) ?? '{"secrets":{}}').secrets;

describe("where secrets are kept", () => {
  test.each([
    ["linux", {}, "system"],
    ["linux", { backend: "kwallet6" }, "system"],
    ["linux", { tag: "v10" }, "memory"],
    ["linux", { backend: "basic_text", tag: "v10" }, "memory"],
    ["linux", { backend: "basic_text" }, "memory"],
    ["linux", { state: "missing" }, "memory"],
    ["linux", { state: "locked" }, "system"],
    ["linux", { state: "locked", backend: "basic_text" }, "memory"],
    ["win32", { tag: "v10" }, "system"],
    ["win32", { state: "missing" }, "memory"],
    ["darwin", { tag: "v10" }, "system"],
    ["darwin", { state: "missing" }, "memory"],
  ] as const)("%s with %o: %s", async (platform, given, kind) => {
    const { store, files, lines } = open(keyStore(given), memoryFiles(), platform);
    expect(await store.kind()).toBe(kind);
    expect(lines).toEqual([{ level: "info", event: "secrets.store", fields: { kind } }]);
    if ("state" in given && given.state === "locked" && kind === "system") return;
    expect(await store.write("one", secret)).toEqual(done);
    expect(await store.read("one")).toEqual({ ok: true, value: secret });
    expect(files.contents.has(secretsFile)).toBe(kind === "system");
    expect(await store.remove("one")).toEqual(done);
    expect(await store.read("one")).toEqual(done);
    // Said once, not at every use.
    expect(lines).toHaveLength(1);
  });

  test("in memory: gone with the process", async () => {
    const files = memoryFiles();
    const weak = keyStore({ tag: "v10" });
    await open(weak, files).store.write("one", secret);
    expect(await open(weak, files).store.read("one")).toEqual(done);
  });

  test("a store that turns out to be none when it answers again gets nothing", async () => {
    const keys = keyStore({ state: "locked" });
    const { store, files } = open(keys);
    expect(await store.kind()).toBe("system");
    Object.assign(keys, { state: "open", tag: "v10" });
    expect(await store.write("one", secret)).toMatchObject({ ok: false, error: { code: "secret-store-failed" } });
    expect(files.contents.size).toBe(0);
  });

  test("what an earlier start has kept can be removed where there is no store any more", async () => {
    const files = memoryFiles();
    await open(keyStore(), files).store.write("one", secret);
    expect(await open(keyStore({ state: "missing" }), files).store.remove("one")).toEqual(done);
    expect(recordsIn(files)).toEqual({});
  });
});

describe("on the disk", () => {
  test("nothing is in clear, only the owner can read it, and the next start finds it", async () => {
    const folder = await mkdtemp(join(tmpdir(), "deskpair-secret-store-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    const keys = keyStore();
    const { log, lines } = recordingLog();
    const start = () => createSecretStore(keys, createFiles(folder), "linux", log);
    const first = start();
    for (let index = 0; index < 5; index += 1) await first.write("sign-in Wörk", `${secret}-ü-${index}`);
    expect(await start().read("sign-in Wörk")).toEqual({ ok: true, value: `${secret}-ü-4` });
    expect(await readdir(folder)).toEqual([secretsFile]);
    expect((await stat(join(folder, secretsFile))).mode & 0o777).toBe(0o600);
    const written = await readFile(join(folder, secretsFile), "latin1");
    const clear = [secret, Buffer.from(secret).toString("base64"), Buffer.from(secret).toString("hex")];
    // Base64 of the middle of a text depends on where it begins; decoded it does not.
    const decoded = Object.values<string>(JSON.parse(written).secrets).map((text) =>
      Buffer.from(text, "base64").toString("latin1"),
    );
    for (const form of clear) expect([written, ...decoded, JSON.stringify(lines)].join("\n")).not.toContain(form);
  });

  test("a record under another name is not taken for that one's", async () => {
    const { store, files } = open();
    await store.write("sign-in Test", "of the test");
    await store.write("sign-in Production", "of the production");
    const { "sign-in Test": moved } = recordsIn(files);
    const swapped = { version: 1, secrets: { "sign-in Production": moved, "sign-in Test": moved } };
    files.contents.set(secretsFile, JSON.stringify(swapped));
    expect(await store.read("sign-in Production")).toEqual({
      ok: false,
      error: { code: "secret-store-failed", problem: "it holds something else under this name" },
    });
    expect(await store.read("sign-in Test")).toEqual({ ok: true, value: "of the test" });
    expect(JSON.parse(files.contents.get(secretsFile) ?? "")).toEqual(swapped);
  });

  test.each(["", "{", "[]", '{"version":1}', '{"version":1,"secrets":{"one":"not base64!"}}', '{"secrets":{}}'])(
    "a broken file (%s) is set aside, and a new one made",
    async (text) => {
      const { store, files, lines } = open(keyStore(), memoryFiles({ [secretsFile]: text }));
      expect(await store.read("one")).toEqual(done);
      expect(await store.write("one", secret)).toEqual(done);
      expect(await store.read("one")).toEqual({ ok: true, value: secret });
      expect(files.aside).toEqual([{ name: secretsFile, text }]);
      expect(lines.filter(({ event }) => event === "secrets.set-aside")).toHaveLength(1);
    },
  );

  test("one that cannot be set aside stays, and nothing is written over it", async () => {
    const files = memoryFiles({ [secretsFile]: "{" });
    files.broken.add("setAside");
    const { store } = open(keyStore(), files);
    expect(await store.write("one", secret)).toMatchObject({ ok: false, error: { code: "storage-failed" } });
    expect(files.contents.get(secretsFile)).toBe("{");
  });

  test("the file of a newer version stays as it is, whatever is asked for", async () => {
    const text = '{"version":2,"keys":{"one":"x"}}';
    const { store, files } = open(keyStore(), memoryFiles({ [secretsFile]: text }));
    const newer = { ok: false, error: { code: "secret-store-failed", problem: expect.stringContaining("newer") } };
    expect(await store.read("one")).toMatchObject(newer);
    expect(await store.write("one", secret)).toMatchObject(newer);
    expect(await store.remove("one")).toMatchObject(newer);
    expect([files.aside, files.contents.get(secretsFile)]).toEqual([[], text]);
  });

  test("a full disk: what was kept is still there", async () => {
    const { store, files } = open();
    await store.write("one", "old");
    files.broken.add("replace");
    expect(await store.write("one", "new")).toMatchObject({ ok: false, error: { code: "storage-failed" } });
    expect(await store.remove("one")).toMatchObject({ ok: false, error: { code: "storage-failed" } });
    expect(await store.read("one")).toEqual({ ok: true, value: "old" });
  });

  test("a disk that cannot be read is no empty store", async () => {
    const { store, files } = open();
    await store.write("one", secret);
    files.broken.add("read");
    for (const outcome of [await store.read("one"), await store.write("two", "2"), await store.remove("one")]) {
      expect(outcome).toMatchObject({ ok: false, error: { code: "storage-failed" } });
    }
    files.broken.clear();
    expect(await store.read("one")).toEqual({ ok: true, value: secret });
  });

  test("removing what is not there writes nothing", async () => {
    const { store, files } = open();
    expect(await store.remove("one")).toEqual(done);
    expect(await store.remove("toString")).toEqual(done);
    expect(files.contents.size).toBe(0);
    expect(await store.read("constructor")).toEqual(done);
  });
});

describe("a store that does not answer for now", () => {
  test("says so, deletes nothing, and is read as soon as it is unlocked", async () => {
    const files = memoryFiles();
    const keys = keyStore();
    await open(keys, files).store.write("one", secret);
    const before = files.contents.get(secretsFile);
    keys.state = "locked";
    // A new start: the store is there all the same, and nothing goes into memory instead.
    const { store } = open(keys, files);
    const locked = { code: "secret-store-failed", problem: "it is locked, or does not answer for now" };
    expect(await store.read("one")).toEqual({ ok: false, error: locked });
    expect(await store.write("one", "another")).toEqual({ ok: false, error: locked });
    expect([files.contents.get(secretsFile), files.aside]).toEqual([before, []]);
    // Signing out must work even then.
    await store.write("two", "2");
    keys.state = "open";
    expect(await store.read("one")).toEqual({ ok: true, value: secret });
    expect(await store.write("one", "another")).toEqual(done);
    expect(await store.read("one")).toEqual({ ok: true, value: "another" });
  });

  test("does not keep anybody from removing", async () => {
    const keys = keyStore();
    const { store, files } = open(keys);
    await store.write("one", secret);
    keys.state = "locked";
    expect(await store.remove("one")).toEqual(done);
    expect(recordsIn(files)).toEqual({});
  });

  test("a record that another key has made is not given out, and stays", async () => {
    const files = memoryFiles();
    await open(keyStore(), files).store.write("one", secret);
    const before = files.contents.get(secretsFile);
    const { store } = open(keyStore(), files);
    expect(await store.read("one")).toEqual({
      ok: false,
      error: { code: "secret-store-failed", problem: "it did not give back what was stored" },
    });
    expect([files.contents.get(secretsFile), files.aside]).toEqual([before, []]);
  });
});

describe("a key that was renewed", () => {
  test("what is read moves to the new one, the rest when it is read", async () => {
    const keys = keyStore();
    const { store, files } = open(keys);
    await store.write("one", secret);
    await store.write("two", "2");
    const before = recordsIn(files);
    keys.tag = "v12";
    expect(await store.read("one")).toEqual({ ok: true, value: secret });
    expect(recordsIn(files)["one"]).not.toBe(before["one"]);
    expect(Buffer.from(recordsIn(files)["one"] ?? "", "base64").toString("latin1", 0, 3)).toBe("v12");
    expect(recordsIn(files)["two"]).toBe(before["two"]);
    const moved = files.contents.get(secretsFile);
    expect(await store.read("one")).toEqual({ ok: true, value: secret });
    expect(files.contents.get(secretsFile)).toBe(moved);
  });

  test("moving fails: it is given out all the same", async () => {
    const keys = keyStore();
    const { store, files, lines } = open(keys);
    await store.write("one", secret);
    keys.tag = "v12";
    files.broken.add("replace");
    expect(await store.read("one")).toEqual({ ok: true, value: secret });
    expect(lines.at(-1)).toEqual({ level: "warn", event: "secrets.not-rewritten", fields: { code: "storage-failed" } });
  });

  test("moving never brings back what was replaced or removed meanwhile", async () => {
    for (const meanwhile of ["write", "remove"] as const) {
      const keys = keyStore();
      const { store } = open(keys);
      await store.write("one", "old");
      keys.tag = "v12";
      const reading = gate<null>();
      const goOn = gate<null>();
      keys.before = async (what) => {
        if (what !== "decrypt") return;
        reading.open(null);
        await goOn.passed;
      };
      const read = store.read("one");
      await reading.passed;
      expect(await (meanwhile === "write" ? store.write("one", "new") : store.remove("one"))).toEqual(done);
      goOn.open(null);
      expect(await read).toEqual({ ok: true, value: "old" });
      expect(await store.read("one")).toEqual({ ok: true, value: meanwhile === "write" ? "new" : null });
    }
  });
});

describe("at the same time", () => {
  test("writes of two names both stay, and of one name the last", async () => {
    const { store } = open();
    const names = ["one", "two", "three", "four"];
    await Promise.all(names.map((name) => store.write(name, `of ${name}`)));
    await Promise.all([store.write("one", "first"), store.write("one", "last"), store.remove("two")]);
    const found = await Promise.all(names.map((name) => store.read(name)));
    expect(found.map((read) => read.ok && read.value)).toEqual(["last", null, "of three", "of four"]);
  });

  test("the last one asked for stays, however long each takes to encrypt", async () => {
    const keys = keyStore();
    const { store } = open(keys);
    await store.kind();
    const slow = gate<null>();
    let encryptions = 0;
    keys.before = async () => {
      encryptions += 1;
      if (encryptions === 1) await slow.passed;
    };
    const both = [store.write("one", "first"), store.write("one", "last")];
    slow.open(null);
    expect(await Promise.all(both)).toEqual([done, done]);
    expect(await store.read("one")).toEqual({ ok: true, value: "last" });
  });

  test("a broken file is set aside once, and never what was written since", async () => {
    const { store, files } = open(keyStore(), memoryFiles({ [secretsFile]: "{" }));
    await Promise.all([store.read("one"), store.write("one", secret), store.read("two"), store.write("two", "2")]);
    expect(files.aside).toEqual([{ name: secretsFile, text: "{" }]);
    expect(await store.read("one")).toEqual({ ok: true, value: secret });
    expect(await store.read("two")).toEqual({ ok: true, value: "2" });
  });
});
