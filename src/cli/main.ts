import { randomUUID } from "node:crypto";
import type { Writable } from "node:stream";
import type { AppError } from "../contract/errors.ts";
import { decideBy } from "../core/policy/applied.ts";
import { readPolicy } from "../core/policy/refresh.ts";
import type { Log } from "../core/ports.ts";
import { redactText } from "../core/redact.ts";
import { createPolicySource } from "../node/policy-source.ts";
import { devices } from "./commands/devices.ts";
import { pairDesktop } from "./commands/pair-desktop.ts";
import { pairFido2 } from "./commands/pair-fido2.ts";
import { type Context, report } from "./context.ts";
import { exitCancelled, exitCodeOf, exitDone } from "./exit-codes.ts";
import { listenForInterrupt } from "./interrupt.ts";
import { openLog } from "./log.ts";
import { helpBy } from "./managed.ts";
import { createOutput, failureObject, failureText } from "./output.ts";
import { type Order, parseArguments } from "./program.ts";

/** Runs the command line of this process and ends the process. */
export async function main(source: NodeJS.Process, version: string): Promise<void> {
  // A reader that goes away (`| head`) must not end a pairing: what cannot be printed is dropped.
  for (const stream of [source.stdout, source.stderr]) stream.on("error", () => {});
  const invocation = parseArguments(source.argv.slice(2), version);
  if (invocation.kind === "print") {
    source.stdout.write(invocation.text);
    return exit(source, exitDone);
  }
  if (invocation.kind === "usage-error") {
    const { error, help, output: form, color } = invocation;
    const output = createOutput(form, source, source.env, color);
    if (help !== null) output.say(help);
    return exit(source, report({ output }, error));
  }
  const { options, order } = invocation;
  const policy = await readPolicy(createPolicySource(source.env));
  const output = createOutput(options.output, source, source.env, options.color, helpBy(policy));
  const opened = openLog(options, source.env, decideBy(policy), output);
  if (!opened.ok) return exit(source, report({ output }, opened.error));
  const { log } = opened.value;

  const crash = (problem: unknown): Promise<void> => {
    const error = recordCrash(problem, log);
    // A pairing may have been under way, and nobody knows how far it got.
    output.failure(failureObject(error, "unknown"), failureText(error, output.style));
    return exit(source, exitCodeOf(error));
  };
  source.on("uncaughtException", (problem) => void crash(problem));
  const interrupt = listenForInterrupt(source, () => source.exit(exitCancelled));
  const context: Context = {
    options,
    environment: source.env,
    policy,
    output,
    log,
    logPlace: opened.value.place,
    stdin: () => source.stdin,
    signal: interrupt.signal,
  };
  try {
    const code = await run(context, order);
    log("info", "command.ended", { command: order.name, exitCode: code });
    await exit(source, code);
  } catch (problem) {
    await crash(problem);
  }
}

async function run(context: Context, order: Order): Promise<number> {
  context.log("info", "command.started", { command: order.name });
  switch (order.name) {
    case "pair-desktop":
      return pairDesktop(context, order);
    case "pair-fido2":
      return pairFido2(context, order);
    case "devices-list":
    case "devices-show":
    case "devices-remove":
      return devices(context, order);
    // Next to what pairs a fleet, these are rare: nobody else pays for them.
    case "auth-login":
    case "auth-status":
    case "auth-logout":
      return (await import("./commands/auth.ts")).auth(context, order);
    case "profiles-list":
    case "profiles-show":
    case "profiles-set":
    case "profiles-remove":
    case "profiles-use":
      return (await import("./commands/profiles.ts")).profiles(context, order);
    case "pairings-list":
    case "pairings-recover":
      return (await import("./commands/pairings.ts")).pairings(context, order);
    case "doctor":
      return (await import("./commands/doctor.ts")).doctor(context, order);
    case "config-explain":
      return (await import("./commands/config.ts")).configExplain(context);
    // The simulator is loaded only by those who ask for it.
    case "simulator":
      return (await import("./commands/simulator.ts")).simulator(context, order);
    case "demo":
      return (await import("./commands/demo.ts")).demo(context, order);
    default:
      return order satisfies never;
  }
}

/** What went wrong goes to the log only: a stack can hold paths and values. */
function recordCrash(problem: unknown, log: Log): AppError {
  const incidentId = randomUUID();
  const details = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
  log("error", "internal", { incidentId, details: redactText(details) });
  return { code: "internal", incidentId };
}

/** Ends the process when everything is printed. Not `exitCode` alone: a kept connection would hold it for seconds. */
async function exit(source: NodeJS.Process, code: number): Promise<void> {
  await Promise.all([flushed(source.stdout), flushed(source.stderr)]);
  source.exit(code);
}

function flushed(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => stream.write("", () => resolve()));
}
