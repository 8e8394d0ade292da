import {
  adasKey,
  adasLaptop,
  agentTimedOut,
  failed,
  findingUser,
  paired,
  pairing,
  refusedByPolicy,
  userOpen,
} from "../fakes/snapshots.ts";
import { button, expect, field, heading, test, text } from "./page-under-test.ts";

/** How a pairing has ended. */

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
      "agent-not-verified",
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
    await expect(page.getByRole("list", { name: text.pairing.steps })).toBeHidden();
    await unfold.press("Enter");
    await expect(unfold).toHaveAttribute("aria-expanded", "true");
    await expect(page.getByRole("list", { name: text.pairing.steps }).getByRole("listitem")).toHaveCount(5);
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
    await expect(main.getByText(text.pairing.stepWords("create-device").failed)).toBeVisible();
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
    await expect(heading(page, text.pairing.heading)).toBeFocused();
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
