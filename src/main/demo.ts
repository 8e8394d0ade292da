import { fail, type Outcome, ok } from "../contract/errors.ts";
import { defaultProfileSettings, type ProfileSettings } from "../contract/settings.ts";
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
  readonly technicianClientId: string;
  readonly selfServiceClientId: string;
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

/** Who signs in to the demo: a worker, without anybody doing anything, or a person in a browser. */
export type DemoSignIn = "worker" | "browser" | "device-code";

/** The name of the demo's only profile. */
const profileName = "Simulator";

/**
 * Brings the app to where the first press of the Pair button is all that is left: signed in, first user open. Or, where a
 * person signs in, to the sign-in. Goes through the same commands as the page. Throws when the simulator refuses,
 * because it was made for this.
 */
export async function enterDemo(
  commands: App["commands"],
  simulation: Omit<Simulation, "faults" | "setFault" | "activeFault">,
  signIn: DemoSignIn,
): Promise<void> {
  const { apiUrl, authUrl, agentPort, environmentId, users, clientId, clientSecret, technicianClientId } = simulation;
  const worker = signIn === "worker";
  const settings: ProfileSettings = {
    ...defaultProfileSettings,
    mode: worker ? "worker" : "technician",
    clientId: worker ? clientId : technicianClientId,
    apiUrl,
    authUrl,
    environmentId,
    agentPort,
  };
  expectDone("save a profile", await commands["profile.save"]({ name: profileName, formerName: null, settings }));
  if (!worker) {
    // Ends when the person has signed in, or has not; the page shows which.
    void commands["session.signIn"]({ way: signIn, keep: false });
    return;
  }
  expectDone("sign in", await commands["session.signIn"]({ way: "secret", clientSecret, keep: false }));
  expectDone("begin", await commands["session.begin"](null));
  const first = users[0];
  if (first !== undefined) expectDone("open a user", await commands["user.open"]({ userId: first.id }));
}

function expectDone(deed: string, outcome: Outcome<null>): void {
  if (!outcome.ok) throw new Error(`The demo could not ${deed}: ${outcome.error.code}.`);
}
