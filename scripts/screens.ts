import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type BrowserContextOptions, chromium, type Page } from "playwright";
import type { RequestName } from "../src/contract/channels.ts";
import type { AppError } from "../src/contract/errors.ts";
import type { InForce } from "../src/contract/policy-views.ts";
import type { Snapshot } from "../src/contract/views.ts";
import { type First, installFakeBridge } from "../test/fakes/bridge.ts";
import { inForce, managedScreens } from "../test/fakes/management.ts";
import { everyScreen } from "../test/fakes/screens.ts";
import { pageUrl, servePage } from "../test/fakes/served-page.ts";
import { moment } from "../test/fakes/snapshots.ts";
import { ensureBuilt } from "./build.ts";
import { ensureChromium } from "./chromium.ts";
import { root } from "./processes.ts";

/**
 * `npm run screens [part of a name]`: a picture of every screen in light and dark, and of some in forced colours, at
 * 200 % zoom and in the stretched language, in `out/screens/`. For people to look at; no test compares them.
 */
type Look = { readonly suffix: string; readonly options: BrowserContextOptions; readonly language?: "pseudo" };

const size = { width: 960, height: 760 };
const light: Look = { suffix: "light", options: { colorScheme: "light", viewport: size } };
const dark: Look = { suffix: "dark", options: { colorScheme: "dark", viewport: size } };
const others: readonly Look[] = [
  { suffix: "forced-colors", options: { forcedColors: "active", viewport: size } },
  // What a window of 1120 by 960 shows at 200 %.
  { suffix: "zoomed", options: { viewport: { width: 560, height: 480 }, deviceScaleFactor: 4 } },
  { suffix: "smallest", options: { viewport: { width: 320, height: 480 } } },
  { suffix: "pseudo", options: { viewport: size }, language: "pseudo" },
];
const shownInOtherLooks: ReadonlySet<string> = new Set([
  "first-run",
  "sign-in",
  "profiles",
  "signing-in-browser",
  "signing-in-code",
  "ready-blocked",
  "doctor",
  "policy",
  "settings-managed",
  "blocked",
  "user-production",
  "user-idle",
  "user-simulation",
  "user-key-question",
  "user-key-not-here",
  "pairing",
  "paired",
  "failed",
]);

const screens: Readonly<Record<string, () => Snapshot>> = { ...everyScreen, ...managedScreens };

/** Looks that somebody has to bring about first. */
type Scene = { readonly screen: string; readonly act: (page: Page) => Promise<void> };
const press = (name: string) => (page: Page) => page.getByRole("button", { name, exact: true }).click();
const scenes: Readonly<Record<string, Scene>> = {
  settings: { screen: "find-user", act: press("Settings") },
  "first-run-missing": { screen: "first-run", act: press("Save and continue") },
  "first-run-more": { screen: "first-run", act: press("More settings") },
  "first-run-wrong": {
    screen: "first-run",
    act: async (page) => {
      await page.getByLabel("Name of the profile").fill("Example Corp");
      await page.getByLabel("Environment id", { exact: true }).fill("Example Corp");
      await page.getByLabel("Client id", { exact: true }).fill("my application");
      await page.getByRole("radio", { name: "Worker application" }).check();
      await page.getByRole("radio", { name: "Purple" }).check({ force: true });
      await page.getByRole("checkbox").check();
      await press("More settings")(page);
      await page.getByLabel("Relying party").fill("localhost");
      await press("Save and continue")(page);
    },
  },
  "profile-change": { screen: "sign-in-kept", act: press("Change this profile") },
  profiles: { screen: "sign-in-many", act: press("Other profile") },
  "profiles-searched": {
    screen: "sign-in-many",
    act: async (page) => {
      await press("Other profile")(page);
      await page.keyboard.type("wor");
    },
  },
  "profiles-signed-in": {
    screen: "user-production",
    act: (page) => page.getByRole("button", { name: "Change the profile" }).click(),
  },
  "profile-remove-question": { screen: "sign-in", act: press("Remove this profile…") },
  "sign-in-refused": {
    screen: "sign-in-worker",
    act: async (page) => {
      await answerWith(page, "session.signIn", {
        code: "sign-in-refused",
        serverMessage: "Request denied: Invalid client credentials (Correlation ID: 5f2b1c7e)",
        correlationId: "5f2b1c7e-1d3a-4c59-9f0e-7b6a5d4c3b2a",
      });
      await page.getByLabel("Client secret").fill("not the right one");
      await page.keyboard.press("Enter");
      await page.getByText("PingOne refused the sign-in.").first().waitFor();
    },
  },
  doctor: {
    screen: "find-user-examined",
    act: async (page) => {
      await press("Settings")(page);
      await press("Check everything")(page);
    },
  },
  "settings-managed": { screen: "find-user-managed", act: press("Settings") },
  "profile-forced": { screen: "sign-in-forced", act: press("Show this profile") },
  "profile-managed": { screen: "sign-in-managed", act: press("Change this profile") },
  policy: { screen: "find-user-managed", act: (page) => openPolicy(page, inForce(undefined, { Region: "NA" })) },
  "policy-none": { screen: "find-user", act: (page) => openPolicy(page, inForce(null)) },
  "find-user-failed": {
    screen: "find-user",
    act: async (page) => {
      await answerWith(page, "user.find", { code: "network-failed", host: "api.pingone.eu", reason: "timed-out" });
      await page.getByLabel("Username or email").fill("ada");
      await page.keyboard.press("Enter");
      await page.getByText("did not answer in time").first().waitFor();
    },
  },
  "user-remove-question": { screen: "user", act: press("Remove Blue key") },
  "user-remove-in-production": { screen: "user-production", act: press("Remove Blue key") },
  "user-existing-question": { screen: "user-simulation", act: press("Pair this workstation") },
  "user-key-question": { screen: "user", act: press("Pair a security key…") },
  "user-key-not-here": { screen: "user-no-way-for-keys", act: press("Pair a security key…") },
  "user-key-in-browser": { screen: "user-enrolment-page", act: press("Pair a security key…") },
  "user-key-hostile": { screen: "user-hostile", act: press("Pair a security key…") },
  "user-key-refused": {
    screen: "user",
    act: async (page) => {
      await answerWith(page, "pairing.start", { code: "rate-limited", retryAfterSeconds: 4 });
      await page.getByLabel("MFA policy").selectOption({ index: 2 });
      await press("Pair a security key…")(page);
      await press("Start")(page);
      await page.getByText("Code: ").first().waitFor();
    },
  },
  "user-mfa-question": { screen: "user-mfa-off", act: press("Switch MFA on…") },
  "user-policy-list": { screen: "user", act: (page) => page.getByLabel("MFA policy").click() },
  "user-rehearse-list": { screen: "user-simulation", act: (page) => page.getByLabel("Rehearse").click() },
  "paired-steps": { screen: "paired", act: press("What was done, in 11 s") },
};

async function openPolicy(page: Page, value: InForce): Promise<void> {
  await page.evaluate((given) => {
    window.fakeMain.replies["policy.explain"] = { outcome: { ok: true, value: given } };
  }, value);
  await press("Settings")(page);
  await press("What is in force")(page);
  await page.getByRole("heading", { name: "Environment", exact: true }).waitFor();
}

const answerWith = (page: Page, name: RequestName, error: AppError) =>
  page.evaluate(
    (given) => {
      window.fakeMain.replies[given.name] = { outcome: { ok: false, error: given.error } };
    },
    { name, error },
  );

const folder = join(root, "out/screens");
/** The picture in the README, which is kept: as wide as a window at its first start, and no taller than what is on it. */
const kept = { name: "user", path: join(root, "docs/images/window.png"), viewport: { width: 960, height: 640 } };
const wanted = process.argv[2] ?? "";
await ensureBuilt();
const executablePath = await ensureChromium();
if (executablePath === null) throw new Error("No Chromium is installed and none could be downloaded.");
if (wanted === "") rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({ executablePath });

async function draw(name: string, look: Look, path: string, whole: boolean): Promise<void> {
  const scene = scenes[name];
  const made = screens[scene?.screen ?? name]?.();
  if (made === undefined) throw new Error(`There is no screen for “${name}”.`);
  const first: Snapshot = { ...made, settings: { ...made.settings, language: look.language ?? "en" } };
  const context = await browser.newContext({ deviceScaleFactor: 2, reducedMotion: "reduce", ...look.options });
  const page = await context.newPage();
  await page.clock.setFixedTime(moment);
  await servePage(page);
  await page.addInitScript<First>(installFakeBridge, first);
  await page.goto(pageUrl);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await scene?.act(page);
  // A dialog covers what is in sight and no more, so below it the rest would look odd.
  const dialog = (await page.getByRole("alertdialog").count()) > 0;
  await page.screenshot({ path, fullPage: whole && !dialog });
  await context.close();
}

const names = [...Object.keys(screens), ...Object.keys(scenes)].filter((name) => name.includes(wanted));
for (const name of names) {
  // What has to be pressed is found by its English name.
  const fitting = others.filter(({ language }) => language === undefined || scenes[name] === undefined);
  for (const look of shownInOtherLooks.has(name) ? [light, dark, ...fitting] : [light, dark]) {
    await draw(name, look, join(folder, `${name}-${look.suffix}.png`), true);
  }
}
if (names.includes(kept.name)) {
  await draw(kept.name, { ...light, options: { ...light.options, viewport: kept.viewport } }, kept.path, false);
}
await browser.close();
process.stdout.write(`${names.length} screens in ${folder}\n`);
