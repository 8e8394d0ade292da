import { agentFaults, strangers } from "./agent.ts";
import { pingOneFaults } from "./pingone.ts";

/** Everything that can be made to go wrong. Names are a promise: tests, documents and the rehearsal menu use them. */
const all = { ...pingOneFaults, ...strangers, ...agentFaults };

export type FaultName = keyof typeof all;

const catalogue: Readonly<Record<FaultName, { readonly description: string; readonly times?: number }>> = all;

const isFaultName = (name: string): name is FaultName => Object.hasOwn(all, name);

/** Each fault with one sentence for people. */
export const faultDescriptions: readonly { readonly name: FaultName; readonly description: string }[] = Object.keys(all)
  .filter(isFaultName)
  .map((name) => ({ name, description: catalogue[name].description }));

/** How many requests a fault lasts when nobody says how many; `Infinity`: until it is switched off. */
export const usualTimes = (name: FaultName): number => catalogue[name].times ?? Number.POSITIVE_INFINITY;
