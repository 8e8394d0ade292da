import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { Device } from "../../src/simulator/world.ts";
import { type InstalledTools, installTools } from "../fakes/fido2-tools/installed.ts";
import { alive } from "../node/fido2-enrolment.ts";
import { createPlace, type Place } from "./command-line.ts";

/** MFA policies of the simulator, by what their FIDO policy asks for. */
export const policies = {
  /** A discoverable credential and the PIN; the default. */
  passkeys: "6f1d0c52-0e5b-4a7e-9a53-2f8f0a5b7c11",
  /** No PIN needed; only some models. */
  companyKeys: "4be27c90-d8a3-4f16-87e5-30c9b1f6d2a4",
  touchOnly: "91d6c8b2-5e07-4fa3-a2c4-7b80e3f516d9",
  builtInOnly: "a7350ef8-1c6d-42b9-9e04-5d8f7b23c16e",
  noNewKeys: "e86d19b4-72fa-4c05-b3d8-96a0e4f7512c",
};

export const userId = "5eed0000-0000-4000-8000-000000000001";
export const pin = "planted-PIN-4711";

export const pair = (...more: readonly string[]) => ["pair", "fido2", "--user", "ada@example.com", ...more];

type Desk = {
  readonly place: Place;
  readonly key: InstalledTools;
  /** What a command needs to be allowed to use the pretend tools. */
  readonly environment: Readonly<Record<string, string>>;
  readonly devices: () => readonly Device[];
  /** No device, no process of a tool, no file for a tool. */
  readonly expectNothingLeft: () => Promise<void>;
};

/** A place with a security key plugged in, and pretend tools that reach it. */
export async function createDesk(): Promise<Desk> {
  const place = await createPlace();
  const key = installTools();
  onTestFinished(() => {
    // After a test that failed half-way a tool may still wait for something.
    for (const pid of alive(key)) process.kill(pid, "SIGKILL");
    key.remove();
  });
  const temporary = join(place.folder, "temporary");
  await mkdir(temporary);
  const devices = () => place.simulator.world.devicesOf(userId);
  return {
    place,
    key,
    environment: { DESKPAIR_FIDO2_TOOLS: key.folder, TMPDIR: temporary },
    devices,
    expectNothingLeft: async () => {
      expect(devices()).toEqual([]);
      expect(alive(key)).toEqual([]);
      expect(await readdir(temporary)).toEqual([]);
    },
  };
}
