import { fail, type Outcome, ok } from "../contract/errors.ts";
import type { Rehearsal } from "../contract/views.ts";
import type { App, RehearsalControl } from "../core/app.ts";

/** What the demo needs of a running simulator. */
export type Simulation<Fault extends string = string> = {
  readonly apiUrl: string;
  readonly authUrl: string;
  readonly agentPort: number;
  readonly environmentId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly users: readonly { readonly id: string; readonly username: string; readonly note: string }[];
  readonly faults: readonly { readonly name: Fault; readonly description: string }[];
  readonly setFault: (name: Fault | null) => void;
  /** A fault may end by itself, so nobody else keeps count. */
  readonly activeFault: () => Fault | null;
  readonly close: () => Promise<void>;
};

/** Lets the person in front of the demo switch faults on and off, to see what goes wrong and how it is told. */
export function rehearsalOf<Fault extends string>(simulation: Simulation<Fault>): RehearsalControl {
  return {
    view: (): Rehearsal => ({
      active: simulation.activeFault(),
      faults: simulation.faults.map(({ name, description }) => ({ name, description })),
      users: simulation.users.map(({ username, note }) => ({ username, note })),
    }),
    set: (fault): Outcome<null> => {
      const known = fault === null ? null : simulation.faults.find(({ name }) => name === fault)?.name;
      if (known === undefined) return fail({ code: "usage-invalid", problem: "The simulator has no such fault." });
      simulation.setFault(known);
      return ok(null);
    },
  };
}

/**
 * Brings the app to where the first press of the Pair button is all that is left: signed in, first user open. Goes
 * through the same commands as the page. Throws when the simulator refuses, because it was made for this.
 */
export async function enterDemo(
  commands: App["commands"],
  simulation: Omit<Simulation, "faults" | "setFault" | "activeFault">,
): Promise<void> {
  const { apiUrl, authUrl, agentPort, environmentId, clientId, clientSecret, users } = simulation;
  expectDone("set the agent's port", await commands["settings.change"]({ agentPort }));
  expectDone(
    "sign in",
    await commands["session.signIn"]({ region: "EU", apiUrl, authUrl, environmentId, clientId, clientSecret }),
  );
  const first = users[0];
  if (first !== undefined) expectDone("open a user", await commands["user.open"]({ userId: first.id }));
}

function expectDone(deed: string, outcome: Outcome<null>): void {
  if (!outcome.ok) throw new Error(`The demo could not ${deed}: ${outcome.error.code}.`);
}
