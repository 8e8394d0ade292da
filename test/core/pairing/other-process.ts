import type { User } from "../../../src/contract/views.ts";
import type { Simulator } from "../../../src/simulator/index.ts";
import { withMoments } from "./moments.ts";
import { choices, realPorts, sessionAt } from "./real-desk.ts";

/**
 * A program that pairs, or recovers, and is killed by the system at the moment that it is told. It reads its order from
 * standard input and writes, if it lives to the end, the moments that it has passed.
 */

export type Pairing = {
  readonly kind: "desktop" | "fido2";
  readonly user: User;
  readonly simulator: Pick<
    Simulator,
    "apiUrl" | "authUrl" | "environmentId" | "clientId" | "clientSecret" | "agentPort"
  >;
};
export type Order = Pairing & {
  readonly task: "pair" | "recover";
  readonly folder: string;
  /** Counted from 1; `null`: it lives to the end. */
  readonly killAt: number | null;
};
export type Passed = { readonly labels: readonly string[]; readonly ok: boolean };

/** Resolves when it is over, unless the process has ended before. */
async function obey(order: Order): Promise<Passed> {
  const labels: string[] = [];
  const ports = withMoments(realPorts(order.folder), async (label, last) => {
    labels.push(label);
    if (labels.length !== order.killAt) return;
    await last?.();
    process.kill(process.pid, "SIGKILL");
  });
  const session = sessionAt(ports, order);
  const { signal } = new AbortController();
  const result =
    order.task === "pair"
      ? await session.pair(order.user, choices[order.kind], () => undefined, signal)
      : await session.recoverPairings(() => undefined, signal);
  return { labels, ok: result.ok };
}

if (process.argv[2] === "obey") {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const order: Order = JSON.parse(Buffer.concat(chunks).toString());
  process.stdout.write(JSON.stringify(await obey(order)));
  // What the connections keep alive is not waited for.
  process.exit(0);
}
