import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { makeCredential, type Simulator } from "../../src/simulator/index.ts";
import { at, open, textAt, userNamed } from "./client.ts";

/** A person at a terminal, following the vendor's documentation with curl. */

const run = promisify(execFile);

const curl = async (...args: readonly string[]): Promise<{ status: number; text: string }> => {
  const { stdout } = await run("curl", [
    "--silent",
    "--show-error",
    "--noproxy",
    "*",
    "--write-out",
    "\n%{http_code}",
    ...args,
  ]);
  const end = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(end + 1)), text: stdout.slice(0, end) };
};

const tokenByCurl = async (simulator: Simulator): Promise<string> => {
  const url = `${simulator.authUrl}/${simulator.environmentId}/as/token`;
  const user = `${simulator.clientId}:${simulator.clientSecret}`;
  const { text } = await curl("--user", user, "--data", "grant_type=client_credentials", url);
  return textAt(JSON.parse(text), "access_token");
};

const sampleFile = (name: string): string => new URL(`../samples/${name}.request.json`, import.meta.url).pathname;

const devicesUrl = (simulator: Simulator): string =>
  `${simulator.apiUrl}/environments/${simulator.environmentId}/users/${userNamed(simulator, "ada@example.com")}/devices`;

const json = ["--header", "Content-Type: application/json"];

test("the documents' two create requests give the documented replies", async () => {
  const simulator = await open();
  const bearer = ["--header", `Authorization: Bearer ${await tokenByCurl(simulator)}`];
  for (const [name, options] of [
    ["create-pingid-desktop", "pingIdDesktopCredentialCreationOptions"],
    ["create-fido2", "publicKeyCredentialCreationOptions"],
  ] as const) {
    const { status, text } = await curl(...bearer, ...json, "--data", `@${sampleFile(name)}`, devicesUrl(simulator));
    expect(status).toBe(201);
    expect(JSON.parse(text)).toMatchObject({ status: "ACTIVATION_REQUIRED", [options]: expect.any(String) });
  }
});

test("a whole desktop pairing", async () => {
  const simulator = await open();
  const bearer = ["--header", `Authorization: Bearer ${await tokenByCurl(simulator)}`];
  const created = await curl(
    ...bearer,
    ...json,
    "--data",
    `@${sampleFile("create-pingid-desktop")}`,
    devicesUrl(simulator),
  );
  const device = JSON.parse(created.text);
  const answered = await curl(
    "--header",
    "Content-Type: application/jwt",
    "--header",
    "Origin: https://app.pingone.eu",
    "--data",
    textAt(device, "pingIdDesktopCredentialCreationOptions"),
    `${simulator.agentUrl}/register`,
  );
  expect(answered.status).toBe(200);

  const folder = await mkdtemp(join(tmpdir(), "simulator-curl-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const body = join(folder, "activate.json");
  await writeFile(body, JSON.stringify({ attestation: answered.text }));
  const type = ["--header", "Content-Type: application/vnd.pingidentity.device.activate+json"];
  const self = textAt(device, "_links.self.href");
  const activated = await curl(...bearer, ...type, "--data", `@${body}`, self);
  expect(activated.status).toBe(200);
  expect(at(JSON.parse(activated.text), "status")).toBe("ACTIVE");

  expect(await curl(...bearer, "--request", "DELETE", self)).toEqual({ status: 204, text: "" });
  expect((await curl(...bearer, self)).status).toBe(404);
});

test("a whole FIDO2 pairing", async () => {
  const simulator = await open();
  const bearer = ["--header", `Authorization: Bearer ${await tokenByCurl(simulator)}`];
  const created = await curl(...bearer, ...json, "--data", `@${sampleFile("create-fido2")}`, devicesUrl(simulator));
  const device = JSON.parse(created.text);
  const options = JSON.parse(textAt(device, "publicKeyCredentialCreationOptions"));
  const challenge = Buffer.from(Int8Array.from(options.challenge).buffer).toString("base64url");
  const origin = "https://app.pingone.com";
  const credential = makeCredential({ rp: options.rp, challenge, authenticatorSelection: {} }, origin);

  const folder = await mkdtemp(join(tmpdir(), "simulator-curl-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const body = join(folder, "activate.json");
  await writeFile(body, JSON.stringify({ origin, attestation: JSON.stringify(credential) }));
  const type = ["--header", "Content-Type: application/vnd.pingidentity.device.activate+json"];
  const self = textAt(device, "_links.self.href");
  const activated = await curl(...bearer, ...type, "--data", `@${body}`, self);
  expect(activated.status).toBe(200);
  expect(JSON.parse(activated.text)).toMatchObject({ status: "ACTIVE", credentialId: credential.id });
});
