import type { Step } from "../../src/contract/views.ts";
import {
  adasKey,
  adasLaptop,
  agentTimedOut,
  failed,
  findingUser,
  inSimulation,
  moment,
  paired,
  pairing,
  refusedByPolicy,
  step,
  userOpen,
  waitingForApproval,
} from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

const words = text.pairing;
const stepWords = (name: Step["name"]) => words.stepWords(name);

test.describe("while it runs", () => {
  test("the steps as they happen, the running one in the present tense, those to come", async ({ open }) => {
    const { page } = await open(pairing());
    await expect(page).toHaveTitle(text.title(words.heading));
    await expect(heading(page, words.heading)).toBeFocused();
    const steps = page.getByRole("list", { name: words.steps }).getByRole("listitem");
    await expect(steps).toHaveText([
      `${stepWords("check-prerequisites").done} (${words.stepDone})0.7 s`,
      `${stepWords("create-device").done} (${words.stepDone})0.4 s`,
      `${stepWords("register-with-agent").running} (${words.stepRunning})3 s`,
      `${stepWords("activate-device").ahead} (${words.stepAhead})`,
      `${stepWords("name-device").ahead} (${words.stepAhead})`,
    ]);
    await expect(steps.nth(2)).toHaveAttribute("aria-current", "step");
  });

  test("each step is spoken once, politely", async ({ open }) => {
    const { page, push, spoken, alarmed } = await open(userOpen());
    const done = step("check-prerequisites");
    await push(pairing({ steps: [step("check-prerequisites", { outcome: "running", ms: null })] }));
    await expect(spoken).toHaveText(stepWords("check-prerequisites").running);
    await push(pairing({ steps: [done, step("create-device", { outcome: "running", ms: null })] }));
    await expect(spoken).toHaveText(stepWords("create-device").running);
    await push(pairing({ steps: [done, ...waitingForApproval.slice(1)] }));
    await expect(spoken).toHaveText(`${stepWords("register-with-agent").running}. ${words.approveBody}`);
    await push(paired());
    await expect(spoken).toHaveText(text.changes.paired("Ada Lovelace"));
    await expect(alarmed).toHaveText("");
    // The region is one and the same all along: a new one would not be read.
    await expect(page.locator("[aria-live], [role=status], [role=alert], [role=log]")).toHaveCount(2);
  });

  test("time passes second by second, and the deadline comes nearer", async ({ open }) => {
    const { page, push, spoken } = await open(userOpen());
    await page.clock.install({ time: moment });
    await push(pairing());
    const timer = page.getByRole("timer");
    await expect(timer).toHaveText(words.timeLeft("1:42"));
    await page.clock.runFor(2_000);
    await expect(timer).toHaveText(words.timeLeft("1:40"));
    await expect(page.getByText(words.elapsed("6 s"))).toBeVisible();
    await expect(
      page.getByRole("listitem").filter({ hasText: stepWords("register-with-agent").running }),
    ).toContainText("5 s");
    await page.clock.runFor(70_000);
    await expect(timer).toHaveText(words.timeLeft("0:30"));
    await expect(spoken).toHaveText(words.timeLeftSpoken(30));
    await page.clock.runFor(20_000);
    await expect(spoken).toHaveText(words.timeLeftSpoken(10));
    await page.clock.runFor(20_000);
    await expect(timer).toHaveText(words.timeIsUp);
    await expect(page.getByText(words.timeIsUpBody)).toBeVisible();
  });

  test("no timer runs on any other screen, and none while the window is hidden", async ({ open }) => {
    const { page, push } = await open(userOpen());
    await page.evaluate(() => {
      const started = new Set<number>();
      const set = window.setInterval.bind(window);
      const clear = window.clearInterval.bind(window);
      Object.assign(window, {
        runningTimers: started,
        setInterval: (work: () => void, ms: number) => {
          if (ms < 1_000) throw new Error("a timer of less than a second");
          const id = set(work, ms);
          started.add(id);
          return id;
        },
        clearInterval: (id: number) => {
          started.delete(id);
          clear(id);
        },
      });
    });
    const running = () =>
      page.evaluate(() => (window as unknown as { runningTimers: ReadonlySet<number> }).runningTimers.size);
    const setHidden = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { configurable: true, value });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    expect(await running()).toBe(0);
    await push(pairing());
    await expect(page.getByRole("timer")).toBeVisible();
    expect(await running()).toBe(1);
    await setHidden(true);
    expect(await running()).toBe(0);
    await setHidden(false);
    expect(await running()).toBe(1);
    await push(paired());
    await expect(heading(page, text.paired.heading)).toBeVisible();
    expect(await running()).toBe(0);
  });

  for (const how of ["button", "Escape"] as const) {
    test(`is cancelled by ${how}, once, and says what is being undone`, async ({ open }) => {
      const { page, push, calls, spoken } = await open(pairing());
      if (how === "button") await button(page, text.cancel).click();
      else await page.keyboard.press("Escape");
      await push(pairing({ cancelling: true }));
      const cancelling = button(page, words.cancelling);
      await expect(cancelling).toHaveAttribute("aria-disabled", "true");
      await expect(spoken).toHaveText(words.cancelling);
      // What is being undone needs no finger, and what was planned will not be.
      await expect(heading(page, words.approveHeading)).toHaveCount(0);
      await expect(page.getByText(stepWords("activate-device").ahead)).toHaveCount(0);
      await page.keyboard.press("Escape");
      await cancelling.click({ force: true });
      expect(await calls()).toEqual([{ name: "pairing.cancel", input: null }]);
    });
  }

  test("neither settings nor sign-out nor another fault meanwhile", async ({ open }) => {
    const { page, calls } = await open(inSimulation(pairing()));
    await expect(button(page, text.frame.settings)).toHaveAttribute("aria-disabled", "true");
    await expect(button(page, text.frame.settings)).toHaveAccessibleDescription(text.frame.settingsWait);
    await expect(button(page, text.frame.signOut)).toHaveAttribute("aria-disabled", "true");
    await expect(field(page, text.frame.rehearse)).toBeDisabled();
    await button(page, text.frame.settings).click({ force: true });
    await button(page, text.frame.signOut).click({ force: true });
    await expect(heading(page, words.heading)).toBeVisible();
    expect(await calls()).toEqual([]);
  });
});

test.describe("paired", () => {
  test("the device with its facts, and the next user under the finger", async ({ open }) => {
    const { page, reply, calls } = await open(paired());
    await expect(page).toHaveTitle(text.title(text.paired.heading));
    await expect(button(page, text.paired.next)).toBeFocused();
    const facts = page.getByRole("region", { name: text.paired.deviceHeading });
    for (const shown of ["LT-0931", "Active", "PingID Desktop", "macOS 15.7.3", "PingID Desktop 1.0.0", "pingone.eu"]) {
      await expect(facts.getByText(shown, { exact: true })).toBeVisible();
    }
    await expect(page.getByText(text.paired.lead("Ada Lovelace"))).toBeVisible();
    await reply("user.close", { snapshots: [findingUser()] });
    await page.keyboard.press("Enter");
    await expect(field(page, text.findUser.query)).toBeFocused();
    expect(await calls()).toEqual([{ name: "user.close", input: null }]);
  });

  test("what went less well is said in words", async ({ open }) => {
    const codes = [
      "mfa-disabled",
      "existing-desktop-devices",
      "policy-not-chosen",
      "nickname-not-set",
      "journal-not-written",
    ] as const;
    const { page } = await open(paired({ warnings: codes.map((code) => ({ code, detail: `detail of ${code}` })) }));
    for (const code of codes) {
      await expect(page.getByText(text.paired.warning(code))).toBeVisible();
      await expect(page.getByText(`detail of ${code}`)).toBeVisible();
    }
  });

  test("what was done can be unfolded", async ({ open }) => {
    const { page } = await open(paired());
    const unfold = button(page, text.paired.steps("11 s"));
    await expect(page.getByRole("list", { name: words.steps })).toBeHidden();
    await unfold.press("Enter");
    await expect(unfold).toHaveAttribute("aria-expanded", "true");
    await expect(page.getByRole("list", { name: words.steps }).getByRole("listitem")).toHaveCount(5);
  });

  test("the user's devices", async ({ open }) => {
    const { page, reply, calls } = await open(paired());
    await reply("pairing.close", { snapshots: [userOpen({ devices: [adasLaptop, adasKey] })] });
    await button(page, text.paired.showDevices).click();
    await expect(heading(page, "Ada Lovelace")).toBeFocused();
    expect(await calls()).toEqual([{ name: "pairing.close", input: null }]);
  });

  test("the device id is copied", async ({ open, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const { page, spoken } = await open(paired());
    await button(page, text.copyOf(text.copy, text.paired.facts.id)).click();
    await expect(spoken).toHaveText(text.copied);
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("7c0de1f2-3a4b-4c5d-8e6f-708192a3b4c5");
  });
});

test.describe("failed", () => {
  test("what happened, what to do, what is left, and what support needs", async ({ open }) => {
    const { page, push, alarmed } = await open(pairing());
    await push(failed());
    const said = text.describeError(refusedByPolicy);
    await expect(heading(page, text.failed.heading)).toBeFocused();
    await expect(page).toHaveTitle(text.title(text.failed.heading));
    await expect(alarmed).toHaveText(`${said.message} ${said.nextStep} ${text.describeLeft("nothing")}`);
    const main = page.getByRole("main");
    await expect(main.getByText(said.message)).toBeVisible();
    await expect(main.getByText(said.nextStep)).toBeVisible();
    await expect(main.getByText(text.describeLeft("nothing"))).toBeVisible();
    await expect(main.getByText("pairing-not-allowed")).toBeVisible();
    await expect(main.getByText(/Pairing is disabled for PINGID_DESKTOP_GEN2/)).toBeVisible();
    await expect(main.getByText("5f2b1c7e-1d3a-4c59-9f0e-7b6a5d4c3b2a")).toBeVisible();
    await expect(main.getByText("c3a7f9e0-52d1-4e8b-b6aa-0d9c8e7f6a5b")).toBeVisible();
    await expect(main.getByText(stepWords("create-device").failed)).toBeVisible();
  });

  test("a device that is left is named, and its id copied", async ({ open, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const { page } = await open(failed(agentTimedOut, { left: "device", deviceId: adasLaptop.id }));
    await expect(page.getByText(text.describeLeft("device"))).toBeVisible();
    await button(page, text.copyOf(text.copy, text.failed.deviceId)).click();
    await expect(button(page, text.copyOf(text.copied, text.failed.deviceId))).toBeVisible();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(adasLaptop.id);
  });

  test("a clipboard that refuses is said, not hidden", async ({ open }) => {
    const { page, spoken } = await open(failed());
    await page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
    });
    await button(page, text.copyOf(text.copy, text.failed.correlationId)).click();
    await expect(spoken).toHaveText(text.notCopied);
  });

  test("is tried again with the same choices", async ({ open }) => {
    const { page, push, reply, calls } = await open(userOpen({ devices: [adasLaptop] }));
    await field(page, text.user.policy).selectOption({ label: "Administrators" });
    await field(page, text.user.nickname).fill("Front desk");
    await reply("pairing.start", { snapshots: [pairing(), failed(refusedByPolicy, { devices: [adasLaptop] })] });
    await button(page, text.user.pairDesktop).click();
    await button(page, text.user.existingConfirm).click();
    await expect(heading(page, text.failed.heading)).toBeVisible();
    await reply("pairing.start", { snapshots: [pairing()] });
    await button(page, text.failed.retry).press("Enter");
    await expect(heading(page, words.heading)).toBeFocused();
    const [first, second] = await calls();
    expect(first?.input).toEqual({
      kind: "desktop",
      policyId: "22222222-3333-4444-8555-666666666666",
      nickname: "Front desk",
      despiteExisting: true,
    });
    expect(second).toEqual(first);
    await push(userOpen({ devices: [adasLaptop] }));
    await expect(field(page, text.user.nickname)).toHaveValue("Front desk");
  });

  test("back to the user", async ({ open }) => {
    const { page, reply, calls } = await open(failed());
    await reply("pairing.close", { snapshots: [userOpen()] });
    await button(page, text.failed.toUser).click();
    await expect(heading(page, "Ada Lovelace")).toBeFocused();
    expect(await calls()).toEqual([{ name: "pairing.close", input: null }]);
  });

  test("cancelled by the operator is no alarm", async ({ open }) => {
    const { page, push, spoken, alarmed } = await open(pairing({ cancelling: true }));
    await push(failed({ code: "cancelled" }));
    await expect(heading(page, text.failed.cancelledHeading)).toBeFocused();
    await expect(spoken).toContainText(text.describeLeft("nothing"));
    await expect(alarmed).toHaveText("");
    await expect(page.getByText(text.failed.details)).toHaveCount(0);
  });

  for (const [code, link, name] of [
    ["agent-missing", text.failed.agentLink, "help.agent"],
    ["not-allowed", text.failed.rolesLink, "help.roles"],
    ["licence-exceeded", text.failed.pairingLink, "help.pairing"],
  ] as const) {
    test(`${code} leads to the page that helps`, async ({ open }) => {
      const error =
        code === "agent-missing"
          ? { code, port: 9410 }
          : code === "not-allowed"
            ? { code, action: "create devices" }
            : { code };
      const { page, calls } = await open(failed(error));
      await button(page, link).click();
      expect(await calls()).toEqual([{ name: "link.open", input: { name } }]);
    });
  }
});
