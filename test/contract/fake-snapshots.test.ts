import { describe, expect, test } from "vitest";
import { snapshotSchema } from "../../src/contract/views.ts";
import { managedScreens } from "../fakes/management.ts";
import { everyScreen } from "../fakes/screens.ts";
import { hostileUser, inSimulation, rightToLeftUser, userOpen } from "../fakes/snapshots.ts";

/** The page's tests stand on snapshots made by hand. They must stay what main could really send. */
describe("the snapshots of the page's tests fit the contract", () => {
  const made = {
    ...everyScreen,
    ...managedScreens,
    hostile: () => userOpen({ user: hostileUser }),
    "right to left": () => userOpen({ user: rightToLeftUser }),
    simulated: () => inSimulation(userOpen(), "agent-refuses"),
  };
  test.each(Object.entries(made))("%s", (_name, make) => {
    const snapshot = make();
    expect(snapshotSchema.parse(snapshot)).toEqual(snapshot);
  });

  test("each is newer than the one before", () => {
    expect(userOpen().revision).toBeLessThan(userOpen().revision);
  });
});
