import { type AppError, fail, type Outcome, ok } from "../../contract/errors.ts";
import { type FaultName, type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/index.ts";
import type { Output } from "../output.ts";

/** Starts the simulator, with a fault from the start where one is named. A wrong name lists those that there are. */
export async function startWithFault(
  options: SimulatorOptions,
  fault: string | null,
  output: Output,
): Promise<Outcome<Simulator>> {
  let simulator: Simulator;
  try {
    simulator = await startSimulator(options);
  } catch (error) {
    return fail(portProblem(error, options));
  }
  if (fault === null) return ok(simulator);
  const known = simulator.faults.find(({ name }) => name === fault);
  if (known !== undefined) {
    simulator.setFault(known.name satisfies FaultName);
    return ok(simulator);
  }
  await simulator.close();
  output.warn(`Faults:\n${listOf(simulator.faults)}\n`);
  return fail({ code: "usage-invalid", problem: `There is no fault named “${fault}”.` });
}

/** The simulator says which port could not be opened; anything else that it throws is a bug. */
function portProblem(error: unknown, options: SimulatorOptions): AppError {
  if (!(error instanceof Error && "code" in error)) throw error;
  const setting = error.message.startsWith(`Port ${options.agentPort} `) ? "--agent-port" : "--port";
  const problem = error.message.charAt(0).toLowerCase() + error.message.slice(1).replace(/\.$/, "");
  return { code: "configuration-invalid", setting, problem };
}

function listOf(faults: Simulator["faults"]): string {
  const width = Math.max(...faults.map(({ name }) => name.length));
  return faults.map(({ name, description }) => `  ${name.padEnd(width)}  ${description}`).join("\n");
}
