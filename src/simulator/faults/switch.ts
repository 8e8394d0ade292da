import type { FaultName } from "./catalogue.ts";

/** Which fault is switched on, and for how many more requests. The two servers of a simulator share one switch. */
export type FaultSwitch = {
  /** `null`: everything is healthy. */
  name: FaultName | null;
  /** `Infinity`: until it is switched off. */
  left: number;
};

/**
 * The fault of `table` that a request meets, or `null`. Counts the request, and switches the fault off after the last,
 * so this is called once for each request and place.
 */
export const takeFault = <Fault>(
  active: FaultSwitch,
  table: Readonly<Record<string, Fault>>,
  applies: (fault: Fault) => boolean,
): Fault | null => {
  const fault = active.name !== null && Object.hasOwn(table, active.name) ? table[active.name] : undefined;
  if (fault === undefined || !applies(fault)) return null;
  active.left -= 1;
  if (active.left <= 0) active.name = null;
  return fault;
};
