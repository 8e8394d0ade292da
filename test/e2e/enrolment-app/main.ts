import { join } from "node:path";
import { app, BrowserWindow, session } from "electron";
import type { Ceremony } from "../../../src/core/ports.ts";
import { readEnrolmentPage } from "../../../src/main/enrolment-protocol.ts";
import { createCeremony } from "../../../src/main/enrolment-window.ts";
import { guardApp } from "../../../src/main/guards.ts";
import { clock, random } from "../../../src/node/host.ts";

/** An app that is nothing but the enrolment window: one window to stand before, and the ceremony for a test to start. */

declare global {
  /** Starts one; what it ends with, and what main wrote down meanwhile. */
  var ceremony: Ceremony;
  var written: string[];
}

const built = process.env["DESKPAIR_BUILT"] ?? "";
globalThis.written = [];
const log = (_level: string, event: string): void => {
  globalThis.written.push(event);
};

app.enableSandbox();
guardApp(app, null, log);

void app.whenReady().then(async () => {
  const parent = new BrowserWindow({ webPreferences: { sandbox: true } });
  globalThis.ceremony = createCeremony({
    BrowserWindow,
    session,
    parent: () => parent,
    appearance: () => ({ theme: "system", dark: false }),
    readPage: () => readEnrolmentPage(join(built, "enrolment")),
    preload: join(built, "preload/enrolment.cjs"),
    platform: process.platform,
    clock,
    random,
    log,
  });
  await parent.loadURL("about:blank");
});
