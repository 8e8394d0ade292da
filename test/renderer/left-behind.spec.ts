import { languageFor } from "../../src/renderer/language.ts";
import { finished, interrupted, left, undone, waitingElsewhere, waitingHere } from "../fakes/recovery.ts";
import {
  ada,
  adasLaptop,
  after,
  agentTimedOut,
  asAda,
  failed,
  findingUser,
  paired,
  pairing,
  ready,
  signedOut,
  userOpen,
} from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** What became of pairings that were interrupted, and a workstation that is paired already. */

const words = text.recovery;

test("before the sign-in it is a quiet note with the place to sign in to", async ({ open }) => {
  const { page } = await open(interrupted(signedOut(), { settled: [], waiting: [waitingHere] }));
  await expect(page.getByText("1 pairing is unfinished. Sign in to “Example Corp”, and DeskPair")).toBeVisible();
  await expect(button(page, text.signIn.browser)).toBeFocused();
  await expect(page.getByText(words.heading)).toHaveCount(0);
});

test("while it is looked after nothing can be begun; then each pairing is told, and spoken of once", async ({
  open,
}) => {
  const before = ready();
  const { page, push, spoken, calls } = await open(before);
  await push(after(before, { busy: "pairings.recover" }));
  const card = page.getByRole("region", { name: words.heading });
  await expect(card).toContainText(words.running);
  await expect(spoken).toHaveText(words.running);
  await button(page, text.ready.begin).press("Enter");
  expect(await calls()).toEqual([]);

  const settled = interrupted(before, { settled: [left, finished, undone] });
  await push(after(settled, { busy: "pairings.recover" }));
  await push(after(settled, { busy: null }));
  await expect(spoken).toHaveText(words.settled(1, 1, 1));
  const [first, second, third] = await card.getByRole("listitem").all();
  await expect(first ?? card).toContainText(ada.username);
  await expect(first ?? card).toContainText(words.outcomes.left.badge);
  await expect(first ?? card).toContainText(text.describeLeft("device"));
  await expect(first ?? card).toContainText(adasLaptop.id);
  await expect(first ?? card).toContainText(words.began("3 hours ago", "Nov 20, 2026"));
  await expect(second ?? card).toContainText(words.outcomes.finished.words);
  await expect(third ?? card).toContainText(words.outcomes.undone.words);
});

test("the device id is copied, and the user's devices are one press away", async ({ open, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { page, calls } = await open(interrupted(findingUser()));
  await expect(field(page, text.findUser.query)).toBeFocused();
  await button(page, text.copyOf(text.copy, words.deviceId)).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(adasLaptop.id);
  await button(page, words.openUserOf(ada.username)).click();
  expect(await calls()).toEqual([{ name: "user.open", input: { userId: ada.id } }]);
});

test("what is left is cleaned up by a press, and the focus stays", async ({ open }) => {
  const before = interrupted(findingUser(), { settled: [left] });
  const { page, reply, calls } = await open(before);
  const clean = { ...undone, pairingId: left.pairingId };
  await reply("pairings.recover", {
    snapshots: [
      after(before, { busy: "pairings.recover" }),
      after(interrupted(before, { settled: [clean] }), { busy: null }),
    ],
  });
  await button(page, words.again).press("Enter");
  await expect(button(page, words.again)).toHaveCount(0);
  await expect(heading(page, words.heading)).toBeFocused();
  expect(await calls()).toEqual([{ name: "pairings.recover", input: null }]);
});

test("what has been read is dismissed", async ({ open }) => {
  const before = interrupted(findingUser());
  const { page, reply, calls } = await open(before);
  await reply("pairings.dismiss", { snapshots: [after(before, { recovery: null })] });
  await button(page, words.dismiss).press("Enter");
  await expect(heading(page, words.heading)).toHaveCount(0);
  await expect(heading(page, text.findUser.heading)).toBeFocused();
  expect(await calls()).toEqual([{ name: "pairings.dismiss", input: null }]);
});

test("other environments and later versions are a line each, and a problem is said aloud", async ({ open }) => {
  const problem = { code: "not-now", doing: "another DeskPair on this computer is pairing" } as const;
  const before = after(findingUser(), { busy: "pairings.recover" });
  const { page, push, alarmed } = await open(before);
  const told = interrupted(before, { settled: [], waiting: [waitingElsewhere, waitingHere], newer: 1, problem });
  await push(after(told, { busy: null }));
  await expect(alarmed).toContainText(text.describeError(problem).message);
  const place = words.place(null, waitingElsewhere.environmentId, waitingElsewhere.host);
  await expect(page.getByText(words.elsewhere(3, [place, "“Example Corp”"]))).toBeVisible();
  await expect(page.getByText(words.newer(1))).toBeVisible();
  await expect(button(page, words.again)).toBeVisible();
});

test("nothing of it is shown while somebody is being paired", async ({ open }) => {
  const { page } = await open(interrupted(pairing()));
  await expect(heading(page, text.pairing.heading)).toBeVisible();
  await expect(page.getByText(words.heading)).toHaveCount(0);
});

test("a user is spoken to, and hears nothing about others but that they are there", async ({ open }) => {
  const { text: ownText } = languageFor("en", true);
  const own = ownText.recovery;
  const { page } = await open(
    interrupted(asAda(userOpen()), { settled: [left], waiting: [{ ...waitingHere, ofOthers: true }] }),
  );
  await expect(page.getByText(own.outcomes.left.words)).toBeVisible();
  await expect(page.getByText(ownText.describeLeft("device"))).toBeVisible();
  await expect(page.getByText(own.ofOthers(1))).toBeVisible();
  await expect(button(page, words.openUserOf(ada.username))).toHaveCount(0);
});

test.describe("the screen of a failure that left something", () => {
  const before = failed(agentTimedOut, { left: "device", deviceId: adasLaptop.id });

  test("cleans up, and says what came of it", async ({ open }) => {
    const { page, push, reply, release, spoken, calls } = await open(before);
    await expect(page.getByText(words.triesAgain)).toBeVisible();
    await reply("pairings.recover", { hold: true });
    await button(page, words.again).press("Enter");
    await push(after(before, { busy: "pairings.recover" }));
    await push(after(before, { busy: null }));
    await expect(spoken).toHaveText(words.stillThere);
    await release("pairings.recover");
    await expect(heading(page, text.failed.heading)).toBeFocused();

    await button(page, words.again).press("Enter");
    await push(after(before, { busy: "pairings.recover" }));
    await push(failed(agentTimedOut, { left: "nothing", deviceId: null }));
    await release("pairings.recover");
    await expect(spoken).toHaveText(text.describeLeft("nothing"));
    await expect(page.getByRole("main").getByText(text.describeLeft("nothing"))).toBeVisible();
    await expect(button(page, words.again)).toHaveCount(0);
    expect((await calls()).map(({ name }) => name)).toEqual(["pairings.recover", "pairings.recover"]);
  });

  test("says why it could not", async ({ open }) => {
    const { page, fail } = await open(before);
    await fail("pairings.recover", { code: "not-now", doing: "another request is still running" });
    await button(page, words.again).click();
    await expect(page.locator(".notice-message", { hasText: "another request is still running" })).toBeVisible();
  });
});

test.describe("a workstation that is paired already", () => {
  test("is no question before, and can be paired again after", async ({ open }) => {
    const { page, reply, spoken, calls } = await open(userOpen({ devices: [adasLaptop], ownDeviceId: adasLaptop.id }));
    await field(page, text.user.nickname).fill("Front desk");
    await reply("pairing.start", { snapshots: [pairing(), paired({ changed: false, steps: [] })] });
    await button(page, text.user.pairDesktop).click();
    await expect(heading(page, text.paired.alreadyHeading)).toBeVisible();
    await expect(page.getByText(text.paired.alreadyLead("Ada Lovelace"), { exact: true })).toBeVisible();
    await expect(spoken).toContainText(text.paired.alreadyHeading);
    await expect(button(page, text.paired.next)).toBeFocused();

    await reply("pairing.start", { snapshots: [pairing()] });
    await button(page, text.paired.again).click();
    await expect(heading(page, text.pairing.heading)).toBeFocused();
    const [first, second] = await calls();
    expect(first?.input).toMatchObject({ nickname: "Front desk", despiteExisting: false });
    expect(second).toEqual({ ...first, input: { ...first?.input, despiteExisting: true } });
  });

  test("can be paired again by a page that has forgotten the choices", async ({ open }) => {
    const { page, calls } = await open(paired({ changed: false, steps: [] }));
    await button(page, text.paired.again).click();
    expect(await calls()).toEqual([
      { name: "pairing.start", input: { kind: "desktop", policyId: null, nickname: null, despiteExisting: true } },
    ]);
  });
});
