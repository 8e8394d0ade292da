import type { PolicyReading, PolicySource } from "../../src/core/policy/ports.ts";
import { nowKnown } from "../../src/core/policy/precedence.ts";
import type { WatchedPolicy } from "../../src/core/policy/refresh.ts";

const place = "/etc/deskpair";
const user: PolicyReading = { state: "absent", place: "none on Linux" };

const readingOf = (values: object | string | null): PolicyReading => {
  if (values === null) return { state: "absent", place };
  if (typeof values === "string") return { state: "unreadable", place, problem: values };
  const file = `${place}/policies.json`;
  const entries = Object.entries(values).map(([name, value]: [string, unknown]) => ({ name, value, place: file }));
  return { state: "read", place, form: "typed", entries };
};

/** A computer whose policy says what the test wants: values, nothing (`null`), or why it cannot be read. */
export function managedComputer(first: object | string | null) {
  let machine = readingOf(first);
  let stamp = 0;
  let reads = 0;
  const source: PolicySource = {
    stamp: async () => String(stamp),
    read: async () => {
      reads += 1;
      return { machine, user };
    },
  };
  const known: WatchedPolicy = {
    stamp: "0",
    policy: { machine: nowKnown(null, machine), user: nowKnown(null, user) },
  };
  return {
    /** What the app is given when it starts. */
    atStart: { source, known },
    source,
    /** From now on. The app hears of it when it looks. */
    say: (values: object | string | null) => {
      machine = readingOf(values);
      stamp += 1;
    },
    reads: () => reads,
  };
}
