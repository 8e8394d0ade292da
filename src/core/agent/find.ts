import { fail, type Outcome, ok } from "../../contract/errors.ts";
import type { Listening, LoopbackAddress, Ports } from "../ports.ts";
import {
  areStillThere,
  type Doubt,
  doubtAbout,
  judgeAgent,
  notTrusted,
  receiversOn,
  type TrustRules,
} from "./trust.ts";
import { type AgentTrust } from "./trust-settings.ts";

/** Who has the agent's port: looked up before the pairing is sent, while the connection waits, and after the answer. */

export type AgentPorts = Pick<Ports, "agentOwners" | "probeAgent" | "authenticators">;

type FoundAgent = {
  /** The only address to call, because its owner is the one that was judged; `null`: nobody was judged, call either. */
  readonly address: LoopbackAddress | null;
  readonly receivers: readonly Listening[];
  /** In `warn`: what would have stopped the pairing. */
  readonly doubt: string | null;
};

const notLookedUp: FoundAgent = { address: null, receivers: [], doubt: null };

const nobodyKnown = (problem: string): Doubt => ({ program: null, account: null, problem });

const rulesFor = (ports: AgentPorts, { publishers }: AgentTrust): TrustRules => {
  const { platform, simulated } = ports.authenticators;
  return { publishers, platform, simulated };
};

/**
 * Finds out who would get a pairing, and whether they may. Sends nothing and, where somebody is found, makes no
 * connection. With `off` it looks at nothing and says neither that an agent is there nor that it is not.
 *
 * Fails with `agent-missing`, and in `verify` with `agent-not-trusted`.
 */
export async function findAgent(ports: AgentPorts, port: number, trust: AgentTrust): Promise<Outcome<FoundAgent>> {
  if (trust.mode === "off") return ok(notLookedUp);
  const doubted = (doubt: Doubt, found: Pick<FoundAgent, "address" | "receivers">): Outcome<FoundAgent> =>
    trust.mode === "verify" ? fail(notTrusted(port, doubt)) : ok({ ...found, doubt: inOneLine(port, doubt) });

  const survey = await ports.agentOwners(port);
  if (!survey.told) {
    return doubted(nobodyKnown(`this computer does not tell which program it is (${survey.problem})`), notLookedUp);
  }
  const judged = judgeAgent(survey, rulesFor(ports, trust));
  switch (judged.verdict) {
    case "trusted":
      return ok({ address: judged.address, receivers: judged.receivers, doubt: null });
    case "doubtful":
      return doubted(judged.doubt, judged);
    case "nobody":
      if ((await ports.probeAgent(port)) === "closed") return fail({ code: "agent-missing", port });
      return doubted(
        nobodyKnown("nobody that this user may see listens there: it belongs to a container or to another user"),
        notLookedUp,
      );
    default:
      return judged satisfies never;
  }
}

/**
 * Looks again, and fails with `agent-not-trusted` unless those who were found are still there and nobody has joined them
 * who would not have been trusted. Where nobody was found before, there is nothing to compare.
 */
export async function findAgain(
  ports: AgentPorts,
  port: number,
  trust: AgentTrust,
  found: FoundAgent,
  moment: "before the pairing was sent" | "while the pairing was under way",
): Promise<Outcome<null>> {
  const { address, receivers } = found;
  if (address === null) return ok(null);
  const survey = await ports.agentOwners(port);
  if (!survey.told) {
    const unseen = nobodyKnown(`this computer did not tell again which program it is (${survey.problem})`);
    return trust.mode === "verify" ? fail(notTrusted(port, unseen)) : ok(null);
  }
  const now = receiversOn(survey, address);
  const doubt = trust.mode === "verify" ? doubtAbout(now, survey.asking, rulesFor(ports, trust)) : null;
  if (doubt === null && areStillThere(receivers, now)) return ok(null);
  const there = now.flatMap((listening) => listening.processes.map((program) => ({ program, listening })))[0];
  return fail(
    notTrusted(port, {
      program: doubt?.program ?? there?.program ?? null,
      account: doubt?.account ?? there?.program.accounts[0] ?? there?.listening.account ?? null,
      problem: `the program on the port changed ${moment}${doubt === null ? "" : `, and ${doubt.problem}`}`,
    }),
  );
}

/** For a warning: who it is and what speaks against them. */
function inOneLine(port: number, doubt: Doubt): string {
  const error = notTrusted(port, doubt);
  if (error.code !== "agent-not-trusted") return doubt.problem;
  const who = [error.program, error.account === null ? null : `run by ${error.account}`].filter(
    (part) => part !== null,
  );
  return who.length === 0 ? error.problem : `${who.join(", ")}: ${error.problem}`;
}
