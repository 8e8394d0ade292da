import type { User } from "../../src/simulator/index.ts";
import type { Bench, Run } from "./bench.ts";
import { type FaultName, faultNames, faultOf } from "./faults.ts";
import { type Flow, flows, type RequestKind, requestKinds, requests } from "./requests.ts";

/** One cell of the matrix. */
export type Case = {
  readonly flow: Flow;
  readonly request: RequestKind;
  readonly fault: FaultName;
  /** `once`: the next try meets no fault. */
  readonly lasts: "once" | "always";
};

/** Every request of both pairings with every fault, once and for as long as it is tried. */
export const cases: readonly Case[] = flows.flatMap((flow) =>
  requestKinds
    .filter((request) => requests[request].flows.includes(flow))
    .flatMap((request) =>
      faultNames
        .filter((fault) => canMeet(request, fault))
        .flatMap((fault) => (["once", "always"] as const).map((lasts) => ({ flow, request, fault, lasts }))),
    ),
);

/** A port of this computer connects or refuses; there is no connecting that takes long, and no TLS. */
function canMeet(request: RequestKind, fault: FaultName): boolean {
  const { doing } = faultOf(fault);
  return !(request === "register" && doing.at === "port" && doing.how === "mute");
}

export const titleOf = ({ flow, request, fault, lasts }: Case): string =>
  `${flow}, ${request}: ${fault}, ${lasts === "once" ? "once" : "always"}`;

export const runOf = ({ flow, request, fault, lasts }: Case, user: User): Run => ({
  flow,
  user,
  byId: request === "read-user",
  hasDevice: requests[request].needsDevice === true,
  faultAt: (kind, nth) => {
    if (kind === request) return lasts === "always" || nth === 1 ? fault : null;
    return requests[request].after?.[kind] ?? null;
  },
});

/** Runs the jobs with as many at a time as there are users, each of whom starts and ends without a device. */
export async function withUsers<Job, Result>(
  { simulator }: Bench,
  jobs: readonly Job[],
  work: (job: Job, user: User) => Promise<Result>,
): Promise<ReadonlyMap<Job, Result>> {
  const results = new Map<Job, Result>();
  const rest = jobs.values();
  const people = [...simulator.world.users.values()].filter(({ username }) => username.startsWith("person"));
  await Promise.all(
    people.map(async (user) => {
      for (const job of rest) {
        results.set(job, await work(job, user));
        for (const device of simulator.world.devicesOf(user.id)) simulator.world.devices.delete(device.id);
      }
    }),
  );
  return results;
}
