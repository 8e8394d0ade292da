import { describe, expect, test } from "vitest";
import { journalFile } from "../../src/core/pairing/journal.ts";
import { answer, gate } from "../fakes/http.ts";
import { done, holdAgent, openUser, paired, start } from "./window.ts";

describe("cancelling", () => {
  test("is shown at once, undoes what was made, and ends as cancelled", async () => {
    const window = await openUser();
    const agent = holdAgent(window);
    const ended = window.reaches("paired", "failed");
    await window.app.commands["pairing.start"](start);
    await agent.asked;
    expect(window.server.devices.size).toBe(1);
    expect(await window.app.commands["pairing.cancel"](null)).toEqual(done);
    expect(window.phase()).toMatchObject({ name: "pairing", cancelling: true });
    expect(await window.app.commands["pairing.cancel"](null)).toEqual(done);
    expect((await ended).phase).toMatchObject({ name: "failed", error: { code: "cancelled" }, left: "nothing" });
    expect(window.server.devices.size).toBe(0);
    expect(await window.app.commands["pairing.cancel"](null)).toMatchObject({ error: { code: "not-now" } });
    // Once it is cancelling, no later report takes that back.
    const flags = window.seen.flatMap(({ phase }) => (phase.name === "pairing" ? [phase.cancelling] : []));
    expect(flags.slice(flags.indexOf(true))).not.toContain(false);
  });

  test("before the first request is answered", async () => {
    const window = await openUser();
    const ended = window.reaches("paired", "failed");
    const starting = window.app.commands["pairing.start"](start);
    expect(await window.app.commands["pairing.cancel"](null)).toEqual(done);
    await starting;
    expect((await ended).phase).toMatchObject({ name: "failed", error: { code: "cancelled" }, left: "nothing" });
    expect(window.server.count("create")).toBe(0);
  });
});

describe("stopping the app", () => {
  test("waits until a running pairing has undone what it did", async () => {
    const window = await openUser();
    const agent = holdAgent(window);
    await window.app.commands["pairing.start"](start);
    await agent.asked;
    await window.app.stop();
    expect(window.server.devices.size).toBe(0);
    expect(window.files.contents.get(journalFile)?.trimEnd().split("\n").at(-1)).toContain('"failed"');
    expect(await window.app.commands["user.refresh"](null)).toMatchObject({ error: { code: "sign-in-required" } });
  });

  test("waits for an activation that is on its way", async () => {
    const window = await openUser();
    const held = gate<null>();
    const asked = gate<null>();
    window.server.bend("activate", async (healthy) => {
      asked.open(null);
      await held.passed;
      return healthy();
    });
    await window.app.commands["pairing.start"](start);
    await asked.passed;
    const stopping = window.app.stop();
    held.open(null);
    await stopping;
    expect(window.server.devices.size).toBe(0);
  });

  test("with nothing running is over at once", async () => {
    const window = await openUser();
    await window.app.stop();
    await window.app.stop();
  });
});

test("a window that dies in the middle does not stop the roll-back", async () => {
  const window = await openUser();
  window.server.bend("register", () => answer(403, { error: "user_cancelled" }));
  window.app.subscribe((snapshot) => {
    if (snapshot.phase.name === "pairing") throw new Error("the window is gone");
  });
  expect(await paired(window)).toMatchObject({ name: "failed", error: { code: "agent-refused" }, left: "nothing" });
  expect(window.server.devices.size).toBe(0);
});
