import type { Step } from "../../src/contract/views.ts";
import { inSimulation, moment, paired, pairing, step, userOpen, waitingForApproval } from "../fakes/snapshots.ts";
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
    await expect(page.locator("output, [aria-live], [role=status], [role=alert], [role=log]")).toHaveCount(2);
  });

  test("time passes second by second, and the deadline comes nearer", async ({ open }) => {
    const { page, push, spoken } = await open(userOpen());
    // Stopped, so that only the test moves it on.
    await page.clock.install({ time: moment - 1_000 });
    await page.clock.pauseAt(moment);
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
    await expect(page.getByText(words.approveLate)).toBeVisible();
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
