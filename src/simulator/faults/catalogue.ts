import { agentFaults, strangers } from "./agent.ts";
import type { Pairing } from "./effects.ts";
import { pingOneFaults } from "./pingone.ts";

/** Everything that can be made to go wrong. Names are a promise: tests, documents and the rehearsal menu use them. */
const all = { ...pingOneFaults, ...strangers, ...agentFaults };

export type FaultName = keyof typeof all;

type Entry = { readonly description: string; readonly times?: number; readonly pairing?: Pairing };

const catalogue: Readonly<Record<FaultName, Entry>> = all;

const isFaultName = (name: string): name is FaultName => Object.hasOwn(all, name);

/** Only the pairing of a workstation has an agent. */
const pairingOf = (name: FaultName): Pairing | null =>
  Object.hasOwn(strangers, name) || Object.hasOwn(agentFaults, name) ? "desktop" : (catalogue[name].pairing ?? null);

export type FaultDescription = {
  readonly name: FaultName;
  /** One sentence for people. */
  readonly description: string;
  /** The only pairing that can meet it; `null`: either can. */
  readonly pairing: Pairing | null;
};

export const faultDescriptions: readonly FaultDescription[] = Object.keys(all)
  .filter(isFaultName)
  .map((name) => ({ name, description: catalogue[name].description, pairing: pairingOf(name) }));

/** How many requests a fault lasts when nobody says how many; `Infinity`: until it is switched off. */
export const usualTimes = (name: FaultName): number => catalogue[name].times ?? Number.POSITIVE_INFINITY;
