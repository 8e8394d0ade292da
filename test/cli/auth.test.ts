import { stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { signInAt } from "./browser.ts";
import { createSignInPlace, type SignInPlace } from "./sign-in-place.ts";

type Variables = Readonly<Record<string, string | undefined>>;

const list = ["devices", "list", "--user", "ada@example.com", "-O", "json"];
const status = ["auth", "status", "-O", "json"];

/** A login with the browser, by somebody who finishes it. */
async function logIn(place: SignInPlace, environment: Variables, username: string) {
  const running = place.start(["auth", "login", "-O", "json"], { environment });
  const { page } = await signInAt(await place.addressOf(running), username);
  expect(page).toContain("You can close this");
  const run = await running.ended;
  expect(run.code, run.stderr).toBe(0);
  return run;
}

const signInRequests = (place: SignInPlace): readonly (string | null)[] =>
  place.simulator.world.log.map(({ operation }) => operation).filter((operation) => operation !== null);

describe("a technician with a browser", () => {
  test("signs in once, works, and signs out", async () => {
    const place = await createSignInPlace();
    const { simulator, technician: environment } = place;
    const facts = {
      profile: null,
      production: false,
      mode: "technician",
      name: "Radia Perlman",
      userId: null,
      environmentId: simulator.environmentId,
      host: `127.0.0.1:${place.gateway.port}`,
      clientId: simulator.technicianClientId,
      kept: "file",
      source: null,
    };
    const run = await logIn(place, environment, "admin");
    expect(run.json).toEqual({ ok: true, changed: true, ...facts });
    expect(run.lines).toHaveLength(1);
    const secrets = join(place.folder, "data/secrets.json");
    expect((await stat(secrets)).mode & 0o777).toBe(0o600);

    const listed = await place.run(list, { environment });
    expect(listed.json).toMatchObject({ ok: true, user: { username: "ada@example.com" } });
    // The refresh token has been replaced by that, and the new one is as good.
    expect((await place.run(status, { environment })).json).toEqual({
      ok: true,
      ...facts,
      environmentName: expect.any(String),
      proven: true,
    });
    const offline = await place.run([...status, "--offline"], { environment });
    expect(offline.json).toEqual({ ok: true, ...facts, environmentName: null, proven: false });

    const out = await place.run(["auth", "logout", "-O", "json"], { environment });
    expect(out.json).toEqual({ ok: true, changed: true, profile: null, mode: "technician" });
    expect(place.openGrants()).toBe(0);
    const again = await place.run(["auth", "logout", "-O", "json"], { environment });
    expect(again.json).toMatchObject({ ok: true, changed: false });
    expect(again.code).toBe(0);
    for (const args of [status, [...status, "--offline"], list]) {
      const refused = await place.run(args, { environment });
      expect(refused.json).toMatchObject({ ok: false, error: { code: "sign-in-required" } });
      expect(refused.json).toHaveProperty("error.nextStep", expect.stringContaining("deskpair auth login"));
      expect(refused.code).toBe(20);
    }
  });

  test("is told in words what to do, and the page opens by itself", async () => {
    const place = await createSignInPlace();
    const running = place.start(["auth", "login"], { environment: place.technician });
    const address = await place.addressOf(running);
    await signInAt(address, "identity.admin");
    const { stdout, stderr, code } = await running.ended;
    expect(stderr).toMatch(/^Sign in in the browser that opens now\. If none does, copy this address/);
    expect(stderr).toMatch(/Waiting until \d\d:\d\d:\d\d\. Ctrl-C gives up\./);
    expect(stdout).toMatch(/^✓ Signed in as Barbara Liskov\.\n/);
    expect(stdout).toMatch(/Kept +in a file that only you can read/);
    expect(code).toBe(0);
    const saw = await place.openerSaw();
    expect(saw.split("\n")[0]).toBe(address);
    expect(saw).not.toContain("DESKPAIR_");
  });

  test("in ndjson the address is a line of its own", async () => {
    const place = await createSignInPlace();
    const running = place.start(["auth", "login", "-O", "ndjson"], { environment: place.technician });
    const address = await place.addressOf(running);
    await signInAt(address, "admin");
    const { lines, stderr } = await running.ended;
    expect(lines).toHaveLength(2);
    const expiresAt = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(lines[0]).toEqual({ event: "sign-in", way: "browser", address, expiresAt });
    expect(stderr).toBe("");
  });

  test("a second login takes the first one back", async () => {
    const place = await createSignInPlace();
    await logIn(place, place.technician, "admin");
    const second = await logIn(place, place.technician, "auditor");
    expect(second.json).toMatchObject({ name: "Frances Allen" });
    expect(place.openGrants()).toBe(1);
    expect((await place.run(status, { environment: place.technician })).json).toMatchObject({ name: "Frances Allen" });
  });

  test("what is kept serves no other application, environment or mode", async () => {
    const place = await createSignInPlace();
    const { simulator } = place;
    await logIn(place, place.technician, "admin");
    const before = signInRequests(place).length;
    const others: readonly Variables[] = [
      { DESKPAIR_CLIENT_ID: simulator.selfServiceClientId },
      { DESKPAIR_ENVIRONMENT_ID: "00000000-0000-4000-8000-000000000000" },
      { DESKPAIR_MODE: "self-service" },
      { DESKPAIR_AUTH_URL: `http://localhost:${new URL(simulator.authUrl).port}` },
    ];
    for (const other of others) {
      const run = await place.run(list, { environment: { ...place.technician, ...other } });
      expect(run.code).toBe(20);
    }
    expect(signInRequests(place)).toHaveLength(before);
  });

  test("a session that was ended elsewhere leads to a new login", async () => {
    const place = await createSignInPlace();
    await logIn(place, place.technician, "admin");
    place.simulator.setFault("refresh-refused");
    const run = await place.run(list, { environment: place.technician });
    expect(run.json).toMatchObject({
      ok: false,
      error: { code: "sign-in-required", message: "Your session has ended." },
    });
    expect(run.code).toBe(20);
  });

  test("PingOne cannot be told of a sign-out: forgotten here all the same", async () => {
    const place = await createSignInPlace();
    await logIn(place, place.technician, "admin");
    await place.simulator.close();
    const run = await place.run(["auth", "logout", "-O", "json"], { environment: place.technician });
    expect(run.json).toMatchObject({ ok: false, error: { code: "network-failed" } });
    expect(run.stderr).toContain("The sign-in is forgotten on this computer");
    expect(run.code).toBe(42);
    expect((await place.run([...status, "--offline"], { environment: place.technician })).code).toBe(20);
  });
});

describe("a login that does not come about", () => {
  test("is declined: exit 20", async () => {
    const place = await createSignInPlace();
    const running = place.start(["auth", "login", "-O", "json"], { environment: place.technician });
    await signInAt(await place.addressOf(running), "admin", "deny");
    const run = await running.ended;
    expect(run.json).toMatchObject({ ok: false, error: { code: "sign-in-denied" } });
    expect(run.code).toBe(20);
  });

  test.each([[["auth", "login"]], [["auth", "login", "--device-code"]]])("is given up: %j", async (args) => {
    const place = await createSignInPlace();
    const running = place.start(args, { environment: place.technician });
    await running.printed("Ctrl-C gives up.");
    running.child.kill("SIGINT");
    const run = await running.ended;
    expect(run.stderr).toContain("✗ Cancelled.");
    expect(run.code).toBe(130);
    expect(place.openGrants()).toBe(0);
  });

  test("finds its port taken: exit 10", async () => {
    const place = await createSignInPlace();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(place.redirectPort, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const run = await place.run(["auth", "login", "-O", "json"], { environment: place.technician });
    expect(run.json).toMatchObject({ ok: false, error: { code: "sign-in-port-taken" } });
    expect(run.json).toHaveProperty("error.nextStep", expect.stringContaining("DESKPAIR_REDIRECT_PORT"));
    expect(run.code).toBe(10);
  });

  test.each(["technician", "worker"] as const)("has no place to keep it, and says so first: %s", async (mode) => {
    const place = await createSignInPlace();
    const environment = { ...place[mode], DESKPAIR_SECRET_STORE: "memory" };
    const run = await place.run(["auth", "login", "-O", "json"], { environment });
    expect(run.json).toMatchObject({ ok: false, error: { code: "secret-store-failed" } });
    expect(run.json).toHaveProperty("error.nextStep", expect.stringMatching(/DESKPAIR_SECRET_STORE=file.*--sign-in/));
    expect(run.code).toBe(10);
    expect(place.simulator.world.log).toEqual([]);
  });

  test("the key store does not answer", async () => {
    const place = await createSignInPlace();
    // Nobody answers at this address of a session bus.
    const bus = { DESKPAIR_SECRET_STORE: undefined, DBUS_SESSION_BUS_ADDRESS: `unix:path=${place.folder}/no-bus` };
    const run = await place.run(["auth", "login", "-O", "json"], { environment: { ...place.technician, ...bus } });
    expect(run.json).toMatchObject({ ok: false, error: { code: "secret-store-failed" } });
    expect(run.code).toBe(10);
  });
});

describe("with a device code", () => {
  test.each(["json", "ndjson"] as const)("%s prints the code for whoever shows it", async (form) => {
    const place = await createSignInPlace();
    const running = place.start(["auth", "login", "--device-code", "-O", form], { environment: place.technician });
    await running.printed("expiresAt");
    await running.printed("}\n");
    const line = running
      .everything()
      .split("\n")
      .find((text) => text.includes("user_code="));
    const event: unknown = JSON.parse(line ?? "");
    const address = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/.*\/device\/technicians$/);
    expect(event).toEqual({
      event: "sign-in",
      way: "device-code",
      userCode: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
      address,
      completeAddress: expect.stringContaining("?user_code="),
      expiresAt: expect.any(String),
    });
    const complete =
      typeof event === "object" && event !== null && "completeAddress" in event ? event.completeAddress : "";
    await signInAt(String(complete), "admin");
    const run = await running.ended;
    expect(run.json).toMatchObject({ ok: true, changed: true, name: "Radia Perlman" });
    expect(run.lines).toHaveLength(form === "json" ? 1 : 2);
    expect(run.code).toBe(0);
  });

  test("a terminal shows a code to scan", async () => {
    const place = await createSignInPlace();
    const running = place.start(["auth", "login", "--device-code", "--no-color"], {
      environment: place.technician,
      stdin: null,
      atTerminal: true,
    });
    await running.printed("Ctrl-C gives up.");
    const shown = stripVTControlCharacters(running.soFar()).replaceAll("\r", "");
    expect(shown).toMatch(/on any device, and enter the code [A-Z]{4}-[A-Z]{4}\n/);
    const picture = shown.split("\n").filter((text) => /^[█▀▄ ]{25,}$/.test(text));
    expect(picture.length).toBeGreaterThan(12);
    // As wide as high: two rows of modules in each line.
    expect(Math.abs(picture.length * 2 - (picture[0]?.length ?? 0))).toBeLessThanOrEqual(1);
    running.child.stdin.write("\u0003");
    expect((await running.ended).code).toBe(130);
  });

  test("is denied, and expires", async () => {
    for (const [fault, code] of [
      ["device-code-denied", "sign-in-denied"],
      ["device-code-expired", "sign-in-timed-out"],
    ] as const) {
      const place = await createSignInPlace();
      place.simulator.setFault(fault);
      const args = ["auth", "login", "--device-code", "-O", "json"];
      const run = await place.run(args, { environment: place.technician });
      expect(run.json).toMatchObject({ ok: false, error: { code } });
      expect(run.code).toBe(20);
    }
  });
});

describe("a worker application", () => {
  test("its secret is kept once it has been proven, and is enough from then on", async () => {
    const place = await createSignInPlace();
    const environment = place.worker;
    const wrong = await place.run(["auth", "login", "-O", "json"], { environment, stdin: "not-the-secret\n" });
    expect(wrong.json).toMatchObject({ ok: false, error: { code: "sign-in-refused" } });
    const missing = await place.run(list, { environment });
    expect(missing.json).toMatchObject({ ok: false, error: { code: "configuration-missing" } });
    expect(missing.json).toHaveProperty("error.message", "Not set: DESKPAIR_CLIENT_SECRET_FILE.");
    expect(missing.json).toHaveProperty("error.nextStep", expect.stringContaining("deskpair auth login"));
    expect(missing.code).toBe(10);

    const { clientSecret } = place.simulator;
    const login = await place.run(["auth", "login", "-O", "json"], { environment, stdin: `${clientSecret}\n` });
    expect(login.json).toMatchObject({ ok: true, changed: true, mode: "worker", kept: "file", source: null });
    const paired = await place.run(["pair", "desktop", "--user", "ada@example.com", "-O", "json"], { environment });
    expect(paired.json).toMatchObject({ ok: true, changed: true });
    expect((await place.run(["auth", "logout", "-O", "json"], { environment })).json).toMatchObject({ changed: true });
    expect((await place.run(status, { environment })).code).toBe(20);
  });

  test("its secret is asked for at a terminal, which does not show it", async () => {
    const place = await createSignInPlace();
    const { clientSecret } = place.simulator;
    const running = place.start(["auth", "login"], { environment: place.worker, stdin: null, atTerminal: true });
    await running.printed("Client secret: ");
    running.child.stdin.write(`${clientSecret}\r`);
    const run = await running.ended;
    expect(run.stdout).toContain("Signed in as");
    expect(run.stdout).not.toContain(clientSecret);
    expect(run.code).toBe(0);
  });

  test("nobody may be asked: exit 10", async () => {
    const place = await createSignInPlace();
    const args = ["auth", "login", "--non-interactive"];
    const run = await place.run(args, { environment: place.worker, stdin: null, atTerminal: true });
    expect(run.stdout).toContain("Not set: DESKPAIR_CLIENT_SECRET_FILE.");
    expect(run.code).toBe(10);
  });

  test("a secret file goes before what is kept, and status says where it comes from", async () => {
    const place = await createSignInPlace();
    const file = join(place.folder, "secret");
    const environment = { ...place.worker, DESKPAIR_CLIENT_SECRET_FILE: file };
    for (const args of [status, [...status, "--offline"]]) {
      const run = await place.run(args, { environment });
      expect(run.json).toMatchObject({ ok: true, kept: null, source: "DESKPAIR_CLIENT_SECRET_FILE" });
    }
    await writeFile(file, "changed\n");
    expect((await place.run(status, { environment })).json).toMatchObject({ error: { code: "sign-in-refused" } });
  });

  test("with a key file nothing is kept", async () => {
    const place = await createSignInPlace();
    const key = join(place.folder, "key.pem");
    await writeFile(key, place.simulator.workerKeyPem, { mode: 0o600 });
    const environment = {
      ...place.worker,
      DESKPAIR_CLIENT_ID: place.simulator.workerKeyClientId,
      DESKPAIR_CLIENT_KEY_FILE: key,
      DESKPAIR_SECRET_STORE: "memory",
    };
    const login = await place.run(["auth", "login", "-O", "json"], { environment });
    expect(login.json).toMatchObject({ ok: true, changed: false, kept: null, source: "DESKPAIR_CLIENT_KEY_FILE" });
    expect((await place.run(list, { environment })).json).toMatchObject({ ok: true });
    const coded = await place.run(["auth", "login", "--device-code", "-O", "json"], { environment });
    expect(coded).toMatchObject({ code: 2, json: { error: { code: "usage-invalid" } } });
    const nowhere = { ...environment, DESKPAIR_CLIENT_KEY_FILE: "nowhere.pem" };
    const missing = await place.run(list, { environment: nowhere });
    expect(missing.json).toHaveProperty("error.message", expect.stringMatching(/^DESKPAIR_CLIENT_KEY_FILE: .*exist/));
    expect(missing.code).toBe(10);
  });

  test("no person signs in for it", async () => {
    const place = await createSignInPlace();
    const run = await place.run([...list, "--sign-in", "browser"], { environment: place.worker });
    expect(run.json).toMatchObject({ ok: false, error: { code: "usage-invalid" } });
    expect(run.code).toBe(2);
  });
});
