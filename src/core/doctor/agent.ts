import type { Outcome } from "../../contract/errors.ts";
import type { findAgent } from "../agent/find.ts";
import type { AgentTrustMode } from "../agent/trust-settings.ts";
import type { HttpResult } from "../ports.ts";
import type { AgentInstallation } from "./ports.ts";
import { failed, notLearned, notTested, pass, type Verdict, warn } from "./verdict.ts";

/** The PingID Desktop app on this computer: is it there, does it run, is it the one on the port, does it answer? */

type FoundAgent = Extract<Awaited<ReturnType<typeof findAgent>>, { ok: true }>["value"];

export type AgentFacts = {
  readonly port: number;
  /** Whether a connection to the profile's port is accepted. */
  readonly listening: boolean;
  readonly installation: AgentInstallation;
};

const install = "Install the PingID Desktop app on this computer.";

export function judgeInstalled({ installation, listening }: AgentFacts): Verdict {
  if (!installation.told) return notTested(`It could not be looked up: ${installation.problem}.`);
  const { installed } = installation;
  if (installed.length > 0) {
    const names = installed.map(({ name, version }) => (version === null ? name : `${name} ${version}`)).join(", ");
    return pass(`Installed: ${names}. The older app, which cannot be paired like this, has the same name.`);
  }
  if (listening) return warn("No PingID app is installed, and yet something listens on the agent's port.", install);
  return warn("No PingID app was found on this computer.", install);
}

/** Ports on which a PingID app listens; `null`: the system did not tell. */
function ownPorts(installation: AgentInstallation): readonly number[] | null {
  if (!installation.told || installation.running === null) return null;
  return [...new Set(installation.running.flatMap(({ ports }) => ports))].toSorted((one, other) => one - other);
}

const isRunning = (installation: AgentInstallation): boolean =>
  installation.told && installation.running !== null && installation.running.length > 0;

export function judgeRunning({ port, listening, installation }: AgentFacts): Verdict {
  if (isRunning(installation)) return pass("A PingID app runs.");
  if (listening) return pass(`Something listens on port ${port}.`);
  return failed({ code: "agent-missing", port });
}

const agreement = "The port must also be the one in PingOne (Communication Port), which cannot be read from there.";

export function judgePort({ port, listening, installation }: AgentFacts): Verdict {
  const own = ownPorts(installation);
  if (own !== null && own.length > 0 && !own.includes(port)) {
    const elsewhere = `The PingID app listens on ${own.join(", ")}, and the profile says ${port}.`;
    const fix = `Set the agent port of the profile to ${own[0] ?? port}.`;
    return failed(listening ? { code: "agent-not-recognized", port } : { code: "agent-missing", port }, {
      evidence: elsewhere,
      fix,
    });
  }
  if (!listening) {
    if (!isRunning(installation)) return notTested("No agent runs whose port could be compared.");
    return failed({ code: "agent-missing", port }, { evidence: "The PingID app runs, but not on this port." });
  }
  return own?.includes(port) === true
    ? pass(`The PingID app listens on port ${port}, as the profile says. ${agreement}`)
    : pass(`Something listens on port ${port}, as the profile says. ${agreement}`);
}

export function judgeIdentity(found: Outcome<FoundAgent>, mode: AgentTrustMode): Verdict {
  if (mode === "off") return notTested("Agent trust is off: nobody looks up which program gets a pairing.");
  if (!found.ok) {
    if (found.error.code === "agent-not-trusted") return failed(found.error);
    return found.error.code === "agent-missing"
      ? notTested("Nothing listens on the port, so there is nobody to identify.")
      : notLearned(found.error);
  }
  const { doubt, receivers } = found.value;
  if (doubt !== null) {
    return warn(
      `Not trusted, and only warned about: ${doubt}.`,
      "Find out what this program is, then set trust to verify.",
    );
  }
  const paths = receivers.flatMap(({ processes }) => processes.map(({ path }) => path ?? "a program without a name"));
  return pass(`The port belongs to ${[...new Set(paths)].join(" and ")}, which is trusted.`);
}

/** @param answer to a plain GET: no pairing, no secret, and nothing that any program would act on */
export function judgeHealthy(answer: HttpResult, port: number): Verdict {
  if (!answer.ok) {
    switch (answer.failure.kind) {
      case "refused":
        return notTested("Nothing listens on the port.");
      case "timed-out":
      case "too-large":
        return failed({ code: "agent-not-recognized", port }, { evidence: "It takes requests and does not answer." });
      case "cancelled":
        return notTested("It was cancelled.");
      default:
        return failed({ code: "agent-connection-lost", port });
    }
  }
  const { status, headers } = answer.response;
  const type = headers["content-type"] ?? "";
  const stranger =
    status >= 300 && status < 400 ? "a redirect" : /html/i.test(type) && status < 300 ? "a web page" : null;
  if (stranger === null) return pass(`It speaks HTTP (status ${status} to an empty question).`);
  return warn(
    `It answers an empty question with ${stranger}, as a web server would.`,
    "Find out which program listens on this port, or correct the agent port in the settings.",
  );
}
