import { describe } from "vitest";
import { fail, ok } from "../../../src/contract/errors.ts";
import {
  type AgentFacts,
  judgeHealthy,
  judgeIdentity,
  judgeInstalled,
  judgePort,
  judgeRunning,
} from "../../../src/core/doctor/agent.ts";
import type { AgentInstallation } from "../../../src/core/doctor/ports.ts";
import type { Listening } from "../../../src/core/ports.ts";
import { answer, failure } from "../../fakes/http.ts";
import { judged } from "./verdicts.ts";

const port = 9410;
const app = { name: "PingID Desktop", version: "1.0.0", path: "C:\\Program Files\\PingID" };
const programs = (...ports: readonly (readonly number[])[]): AgentInstallation => ({
  told: true,
  installed: [app],
  running: ports.map((each) => ({ path: "C:\\Program Files\\PingID\\agent.exe", ports: each })),
});
const nothing: AgentInstallation = { told: true, installed: [], running: [] };
const untold: AgentInstallation = { told: false, problem: "PowerShell did not answer" };
const facts = (installation: AgentInstallation, listening: boolean): AgentFacts => ({ port, listening, installation });

describe("installed", () =>
  judged([
    ["it is", judgeInstalled(facts(programs(), false)), "pass", /PingID Desktop 1\.0\.0.*older app/],
    ["it is not", judgeInstalled(facts(nothing, false)), "warn", /No PingID app/],
    ["it is not, and something listens", judgeInstalled(facts(nothing, true)), "warn", /yet something listens/],
    ["not told", judgeInstalled(facts(untold, true)), "not-tested", /PowerShell did not answer/],
  ]));

describe("running", () =>
  judged([
    ["its process is there", judgeRunning(facts(programs([]), false)), "pass", /runs/],
    ["something listens", judgeRunning(facts(untold, true)), "pass", /listens on port 9410/],
    ["neither", judgeRunning(facts(programs(), false)), "fail", /Nothing listens/, "agent-missing"],
    ["not told, nothing listens", judgeRunning(facts(untold, false)), "fail", /Nothing listens/, "agent-missing"],
  ]));

describe("port", () =>
  judged([
    [
      "agrees",
      judgePort(facts(programs([9410, 80]), true)),
      "pass",
      /PingID app listens on port 9410.*Communication Port/,
    ],
    ["somebody is there", judgePort(facts(untold, true)), "pass", /Something listens on port 9410/],
    [
      "another one",
      judgePort(facts(programs([9411]), false)),
      "fail",
      /listens on 9411, and the profile says 9410/,
      "agent-missing",
    ],
    [
      "another one, and a stranger on ours",
      judgePort(facts(programs([9411]), true)),
      "fail",
      /9411/,
      "agent-not-recognized",
    ],
    ["it runs and does not listen", judgePort(facts(programs([]), false)), "fail", /not on this port/, "agent-missing"],
    ["nothing runs", judgePort(facts(nothing, false)), "not-tested", /No agent runs/],
  ]));

const receiver: Listening = {
  address: "127.0.0.1",
  socketId: "1",
  account: null,
  processes: [
    { id: 7, started: "1", path: "/opt/agent", accounts: [], file: { state: "not-told" }, signature: "unknown" },
  ],
  complete: true,
};
const stranger = {
  code: "agent-not-trusted",
  port,
  program: "/tmp/evil",
  account: "mallory",
  problem: "it is not signed",
} as const;
const seen = { address: "127.0.0.1", receivers: [receiver], doubt: null } as const;
describe("identity", () =>
  judged([
    ["trusted", judgeIdentity(ok(seen), "verify"), "pass", /\/opt\/agent, which is trusted/],
    [
      "a stranger",
      judgeIdentity(fail(stranger), "verify"),
      "fail",
      /\/tmp\/evil.*mallory.*not signed/,
      "agent-not-trusted",
    ],
    [
      "a stranger, only warned about",
      judgeIdentity(ok({ ...seen, doubt: "/tmp/evil: it is not signed" }), "warn"),
      "warn",
      /tmp\/evil/,
    ],
    ["nobody", judgeIdentity(fail({ code: "agent-missing", port }), "verify"), "not-tested", /nobody to identify/],
    ["not looked up", judgeIdentity(ok({ ...seen, address: null }), "off"), "not-tested", /trust is off/],
    ["the look-up failed", judgeIdentity(fail({ code: "cancelled" }), "verify"), "not-tested", /Cancelled/],
  ]));

describe("healthy", () =>
  judged([
    ["an address it does not serve", judgeHealthy(answer(404), port), "pass", /status 404/],
    ["a web page", judgeHealthy(answer(200, "<html>", { "content-type": "text/html" }), port), "warn", /web page/],
    ["a redirect", judgeHealthy(answer(302), port), "warn", /redirect/],
    ["silence", judgeHealthy(failure("timed-out", true), port), "fail", /does not answer/, "agent-not-recognized"],
    ["no HTTP", judgeHealthy(failure("reset", true), port), "fail", /./, "agent-connection-lost"],
    ["gone in between", judgeHealthy(failure("refused", false), port), "not-tested", /Nothing listens/],
    ["cancelled", judgeHealthy(failure("cancelled", false), port), "not-tested", /cancelled/],
  ]));
