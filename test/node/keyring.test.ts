import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createKeyring, type Entries } from "../../src/node/keyring.ts";
import { manualClock } from "../fakes/manual-clock.ts";
import { runToItsEnd } from "./own-process.ts";

vi.setConfig({ testTimeout: 60_000 });

const done = { ok: true, value: null };

type PretendStore = {
  readonly entries: Map<string, string>;
  readonly load: () => Promise<Entries>;
  /** What the store says to everything from now on; `null`: it works. */
  problem: Error | null;
  /** Called before every change; what it throws is what the store says. */
  beforeChange: (name: string) => void;
};

/** A store as strict as Windows' one: 2560 bytes of UTF-16 for an entry. */
function pretendStore(): PretendStore {
  const entries = new Map<string, string>();
  const store: PretendStore = {
    entries,
    problem: null,
    beforeChange: () => undefined,
    load: async () => (name) => ({
      getPassword: async () => {
        if (store.problem !== null) throw store.problem;
        return entries.get(name) ?? null;
      },
      setPassword: async (text) => {
        if (store.problem !== null) throw store.problem;
        if (text.length * 2 > 2_560) {
          throw new Error("Attribute 'password encoded as UTF-16' is longer than platform limit of 2560 chars");
        }
        store.beforeChange(name);
        entries.set(name, text);
      },
      deleteCredential: async () => {
        if (store.problem !== null) throw store.problem;
        store.beforeChange(name);
        return entries.delete(name);
      },
    }),
  };
  return store;
}

const secrets = {
  empty: "",
  short: "s3cret",
  "of other letters": "ü ✓ \u{1f511}\n\0",
  "that looks like ours": "deskpair:1:a:7:7:x",
  "of the longest entry": "x".repeat(1_200),
  "one longer than that": "x".repeat(1_201),
  long: "0123456789".repeat(900),
  "with characters of two halves": `x${"\u{1f511}".repeat(3_000)}`,
};

describe("in a store that takes 2560 bytes for an entry", () => {
  test.each(Object.entries(secrets))("a secret that is %s comes back, and goes without a rest", async (_, secret) => {
    const store = pretendStore();
    const keyring = createKeyring(store);
    expect(await keyring.kind()).toBe("system");
    expect(store.entries.size).toBe(0);
    expect(await keyring.read("name")).toEqual(done);
    expect(await keyring.write("name", secret)).toEqual(done);
    expect(await keyring.read("name")).toEqual({ ok: true, value: secret });
    expect(await createKeyring(store).read("name")).toEqual({ ok: true, value: secret });
    expect(await keyring.remove("name")).toEqual(done);
    expect(await keyring.remove("name")).toEqual(done);
    expect(store.entries.size).toBe(0);
  });

  test("a secret in the place of another leaves nothing of it, whichever is longer", async () => {
    const store = pretendStore();
    const keyring = createKeyring(store);
    for (const length of [9_000, 2_000, 1, 5_000, 5_000, 0]) {
      const secret = String(length % 7).repeat(length);
      await keyring.write("name", secret);
      expect(await keyring.read("name")).toEqual({ ok: true, value: secret });
      expect(store.entries.size).toBe(Math.max(1, Math.ceil(length / 1_200)));
    }
  });

  test("interrupted at any moment of a write: the old secret or the new one, and the next write leaves no rest", async () => {
    const [older, newer] = ["o".repeat(3_000), "n".repeat(4_000)];
    const seen = new Set<string>();
    for (let moment = 1; moment <= 9; moment += 1) {
      const store = pretendStore();
      await createKeyring(store).write("name", older);
      const interrupted = createKeyring(store);
      await interrupted.kind();
      let changes = 0;
      store.beforeChange = () => {
        changes += 1;
        if (changes >= moment) throw new Error("The computer is switched off.");
      };
      await interrupted.write("name", newer);
      store.beforeChange = () => undefined;
      const kept = await createKeyring(store).read("name");
      expect([older, newer]).toContain(kept.ok ? kept.value : kept.error);
      seen.add(kept.ok && kept.value === newer ? "newer" : "older");
      await createKeyring(store).write("name", "short");
      await createKeyring(store).write("name", "shorter");
      expect([...store.entries.keys()]).toEqual(["name"]);
    }
    expect([...seen]).toEqual(["older", "newer"]);
  });

  test("a secret that is replaced while it is read comes whole, as the old or the new one", async () => {
    const store = pretendStore();
    const [older, newer] = ["o".repeat(3_000), "n".repeat(4_000)];
    await createKeyring(store).write("name", older);
    const writer = createKeyring(store);
    const reader = createKeyring(store);
    await Promise.all([writer.kind(), reader.kind()]);
    const [, ...read] = await Promise.all([
      writer.write("name", newer),
      ...Array.from({ length: 20 }, () => reader.read("name")),
    ]);
    for (const outcome of read) expect([older, newer]).toContain(outcome.ok ? outcome.value : outcome.error);
    expect(read.at(-1)).toEqual({ ok: true, value: newer });
  });

  test("looking whether it is there changes nothing in it", async () => {
    const store = pretendStore();
    await createKeyring(store).write("name", "s3cret");
    const before = new Map(store.entries);
    const changed: string[] = [];
    store.beforeChange = (name) => void changed.push(name);
    const keyring = createKeyring(store);
    expect(await keyring.kind()).toBe("system");
    expect(await keyring.read("none")).toEqual(done);
    expect(changed).toEqual([]);
    expect(store.entries).toEqual(before);
  });

  test("calls are made one after the other", async () => {
    const keyring = createKeyring(pretendStore());
    const texts = Array.from({ length: 20 }, (_, number) => String(number).repeat(2_000));
    await Promise.all(texts.map((text) => keyring.write("name", text)));
    expect(await keyring.read("name")).toEqual({ ok: true, value: texts.at(-1) });
  });

  test.each([
    ["another version", "something else", "another version of DeskPair wrote what is kept there"],
    ["a newer version", "deskpair:2:sealed", "another version of DeskPair wrote what is kept there"],
    ["a lost piece", "deskpair:1:a:1:1300:xx", "a part of what is kept there is missing"],
    ["a piece that was cut", "deskpair:1:a:0:3:xx", "a part of what is kept there is missing"],
  ])("what cannot be read is told and stays: %s", async (_, text, problem) => {
    const store = pretendStore();
    store.entries.set("name", text);
    const keyring = createKeyring(store);
    expect(await keyring.read("name")).toEqual({ ok: false, error: { code: "secret-store-failed", problem } });
    expect(Object.fromEntries(store.entries)).toEqual({ name: text });
    // A new sign-in is a new secret.
    expect(await keyring.write("name", "new")).toEqual(done);
    expect(await keyring.read("name")).toEqual({ ok: true, value: "new" });
  });

  test("half a character is no text", async () => {
    expect(await createKeyring(pretendStore()).write("name", "\ud83d")).toEqual({
      ok: false,
      error: { code: "secret-store-failed", problem: "the secret is not text" },
    });
  });
});

describe("a store that fails after it was there", () => {
  test.each([
    ["Couldn't access platform storage: Secret Service: unlock prompt was dismissed", "it is locked"],
    ["Couldn't access platform storage: denied", "it does not let DeskPair in"],
    ["Platform failure: DBus error: gone", "the session's message bus does not answer"],
    ["Platform failure: the entry is s3cret", "it reported an error"],
  ])("%s", async (message, problem) => {
    const store = pretendStore();
    const keyring = createKeyring(store);
    await keyring.write("name", "s3cret");
    const before = new Map(store.entries);
    store.problem = new Error(message);
    const failure = { ok: false, error: { code: "secret-store-failed", problem } };
    expect(await keyring.read("name")).toEqual(failure);
    expect(await keyring.write("name", "new")).toEqual(failure);
    expect(await keyring.remove("name")).toEqual(failure);
    expect(await keyring.kind()).toBe("system");
    expect(store.entries).toEqual(before);
    store.problem = null;
    expect(await keyring.read("name")).toEqual({ ok: true, value: "s3cret" });
  });

  test("one that answers and refuses to write keeps nothing elsewhere", async () => {
    const store = pretendStore();
    store.beforeChange = () => {
      throw new Error("Couldn't access platform storage: Secret Service: unlock prompt was dismissed");
    };
    const keyring = createKeyring(store);
    expect(await keyring.kind()).toBe("system");
    expect(await keyring.write("name", "s3cret")).toEqual({
      ok: false,
      error: { code: "secret-store-failed", problem: "it is locked" },
    });
    expect(await keyring.read("name")).toEqual(done);
  });

  test("one that does not answer is not waited for", async () => {
    const clock = manualClock();
    const store = pretendStore();
    const hanging: { entry: ReturnType<Entries> | null } = { entry: null };
    const keyring = createKeyring({
      clock,
      load: async () => {
        const entries = await store.load();
        return (name) => hanging.entry ?? entries(name);
      },
    });
    await keyring.write("name", "s3cret");
    const never = () => new Promise<never>(() => undefined);
    hanging.entry = { getPassword: never, setPassword: never, deleteCredential: never };
    const reading = keyring.read("name");
    await vi.waitFor(() => expect(clock.waiting()).toBe(1));
    clock.advance(60_000);
    expect(await reading).toEqual({
      ok: false,
      error: { code: "secret-store-failed", problem: "it did not answer in time" },
    });
    hanging.entry = null;
    expect(await keyring.read("name")).toEqual({ ok: true, value: "s3cret" });
  });
});

describe("no store: what is written stays in this process", () => {
  const entry = {
    getPassword: async () => null,
    setPassword: async () => undefined,
    deleteCredential: async () => false,
  };
  const refused = new Error("Couldn't access platform storage: Secret Service: no result found");
  const loads: readonly (readonly [string, () => Promise<Entries>])[] = [
    ["the library is missing", () => Promise.reject(new Error("Cannot find native binding"))],
    ["it refuses", async () => () => ({ ...entry, getPassword: () => Promise.reject(refused) })],
    [
      "it cannot be reached",
      async () => () => {
        throw refused;
      },
    ],
  ];

  test.each(loads)("%s", async (_, load) => {
    const keyring = createKeyring({ load });
    expect(await keyring.read("name")).toEqual(done);
    expect(await keyring.write("name", "s3cret")).toEqual(done);
    expect(await keyring.read("name")).toEqual({ ok: true, value: "s3cret" });
    expect(await keyring.kind()).toBe("memory");
    expect(await createKeyring({ load }).read("name")).toEqual(done);
    expect(await keyring.remove("name")).toEqual(done);
    expect(await keyring.read("name")).toEqual(done);
  });

  test("one whose password nobody types", async () => {
    const clock = manualClock();
    const getPassword = () => new Promise<never>(() => undefined);
    const keyring = createKeyring({ clock, load: async () => () => ({ ...entry, getPassword }) });
    const kind = keyring.kind();
    await vi.waitFor(() => expect(clock.waiting()).toBe(1));
    clock.advance(60_000);
    expect(await kind).toBe("memory");
  });

  test("it is looked for once, and only when it is needed", async () => {
    let loaded = 0;
    const store = pretendStore();
    const keyring = createKeyring({
      load: () => {
        loaded += 1;
        return store.load();
      },
    });
    expect(loaded).toBe(0);
    await Promise.all([keyring.kind(), keyring.read("name"), keyring.kind()]);
    expect(loaded).toBe(1);
  });
});

/** What a child process begins with. */
const begin = `
  import { createKeyring } from ${JSON.stringify(new URL("../../src/node/keyring.ts", import.meta.url).href)};
  const keyring = createKeyring();
  const say = (value) => console.log(JSON.stringify(value));
`;

/** Of the environment, what a session would bring with it is taken out. */
function withoutSession(): NodeJS.ProcessEnv {
  const { DBUS_SESSION_BUS_ADDRESS: _bus, XDG_RUNTIME_DIR: _runtime, DISPLAY: _display, ...rest } = process.env;
  return rest;
}

// Elsewhere this would be the key store of whoever runs the tests.
if (process.platform === "linux") {
  test("the real library, without a session: kept in memory", async () => {
    const program = `${begin} say(await keyring.kind()); say(await keyring.write("name", "s3cret")); say(await keyring.read("name"));`;
    const { code, output } = await runToItsEnd(program, withoutSession());
    expect({ code, lines: output.trimEnd().split("\n") }).toEqual({
      code: 0,
      lines: ['"memory"', '{"ok":true,"value":null}', '{"ok":true,"value":"s3cret"}'],
    });
  });
}

const programs = ["dbus-run-session", "dbus-send", "gnome-keyring-daemon"];
const missing = programs.filter((name) => !existsSync(join("/usr/bin", name)));

if (process.platform !== "linux" || missing.length > 0) {
  test(`no secret service on this machine (${missing.join(", ")}): its round trip was not tested, the memory store was`, async () => {
    const keyring = createKeyring({ load: () => Promise.reject(new Error("none")) });
    expect(await keyring.kind()).toBe("memory");
  });
} else {
  describe("the secret service of a session of its own", () => {
    /** Sessions of one new user, one after the other. Each is a bus, a key store and a program of lines. */
    function newUser() {
      const home = mkdtempSync(join(tmpdir(), "deskpair-keyring-"));
      onTestFinished(() => rmSync(home, { recursive: true, force: true }));
      const runtime = join(home, "run");
      mkdirSync(runtime, { mode: 0o700 });
      const environment = {
        ...withoutSession(),
        HOME: home,
        XDG_RUNTIME_DIR: runtime,
        XDG_DATA_HOME: join(home, "data"),
        XDG_CACHE_HOME: join(home, "cache"),
        XDG_CONFIG_HOME: join(home, "config"),
      };
      const daemon = {
        // With a new line at its end the password would be another one.
        unlocked: "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null",
        locked: "gnome-keyring-daemon --start --components=secrets >/dev/null",
      };
      return (state: keyof typeof daemon, ...scripts: readonly string[]): readonly unknown[] => {
        const runs = scripts.map((_, index) => `"$0" --input-type=module --eval "$${index + 1}" || exit 1`);
        const args = scripts.map((script) => begin + script);
        const session = spawnSync(
          "/usr/bin/dbus-run-session",
          ["--", "/bin/sh", "-c", [daemon[state], ...runs].join("\n"), process.execPath, ...args],
          { env: environment, encoding: "utf8", timeout: 50_000 },
        );
        expect(session.status, session.stderr).toBe(0);
        return session.stdout
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line));
      };
    }

    const locked = { ok: false, error: { code: "secret-store-failed", problem: "it is locked" } };
    const names = `
      const { findCredentialsAsync } = await import(import.meta.resolve("@napi-rs/keyring", ${JSON.stringify(import.meta.url)}));
      say((await findCredentialsAsync("DeskPair")).map(({ account }) => account).sort());`;

    test("keeps what one process writes for the next one, and for the next session", () => {
      const session = newUser();
      const long = "0123456789".repeat(350);
      expect(
        session(
          "unlocked",
          `say(await keyring.kind());
          say(await keyring.write("refresh-token", ${JSON.stringify(long)}));
          say(await keyring.write("other", "ü ✓"));`,
          `say(await keyring.read("refresh-token")); say(await keyring.read("none"));`,
          names,
        ),
      ).toEqual([
        "system",
        done,
        done,
        { ok: true, value: long },
        done,
        ["other", "refresh-token", "refresh-token#a1", "refresh-token#a2"],
      ]);
      expect(
        session(
          "unlocked",
          `say(await keyring.read("refresh-token"));
          say(await keyring.write("refresh-token", "short"));
          say(await keyring.read("refresh-token"));
          say(await keyring.remove("other"));
          say(await keyring.remove("other"));`,
          names,
          `say(await keyring.remove("refresh-token"));`,
          names,
        ),
      ).toEqual([
        { ok: true, value: long },
        done,
        { ok: true, value: "short" },
        done,
        done,
        ["refresh-token"],
        done,
        [],
      ]);
    });

    test("looking whether it is there leaves its file as it was, to the byte", () => {
      const session = newUser();
      // Every write encrypts the whole file anew.
      const bytes = `
        const { readFileSync } = await import("node:fs");
        const bytes = () => readFileSync(process.env.XDG_DATA_HOME + "/keyrings/login.keyring", "base64");`;
      const [written, before, kind, absent, after] = session(
        "unlocked",
        `${bytes}
        const empty = bytes();
        await keyring.write("name", "s3cret");
        say(empty !== bytes());`,
        `${bytes}
        say(bytes());
        say(await keyring.kind());
        say(await keyring.read("none"));
        say(bytes());`,
      );
      expect({ written, kind, absent }).toEqual({ written: true, kind: "system", absent: done });
      expect(after).toBe(before);
    });

    test("a store that is locked, and that nobody can unlock: it fails, and nothing in it is touched", () => {
      const session = newUser();
      expect(session("unlocked", `say(await keyring.write("name", "kept"));`)).toEqual([done]);
      expect(
        session(
          "locked",
          `say(await keyring.kind());
          say(await keyring.read("name"));
          say(await keyring.write("name", "passing"));
          say(await keyring.remove("name"));`,
        ),
      ).toEqual(["system", locked, locked, locked]);
      expect(session("unlocked", `say(await keyring.read("name"));`)).toEqual([{ ok: true, value: "kept" }]);
    });

    test("a store that is locked while we use it fails, and has everything when it is open again", () => {
      const session = newUser();
      expect(
        session(
          "unlocked",
          `import { execFileSync } from "node:child_process";
          say(await keyring.write("name", "kept"));
          execFileSync("/usr/bin/dbus-send", ["--session", "--print-reply", "--dest=org.freedesktop.secrets",
            "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
            "array:objpath:/org/freedesktop/secrets/collection/login"]);
          say(await keyring.read("name"));
          say(await keyring.write("name", "new"));
          say(await keyring.remove("name"));
          say(await keyring.kind());`,
        ),
      ).toEqual([done, locked, locked, locked, "system"]);
      expect(session("unlocked", `say(await keyring.read("name"));`)).toEqual([{ ok: true, value: "kept" }]);
    });
  });
}
