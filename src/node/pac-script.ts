import { Worker } from "node:worker_threads";
import { readEngine, workerProgram } from "./pac-engine.ts";
import type { PacQuestion, PacReply, PacTask } from "./pac-worker.ts";

/** Runs a PAC script: a program that a network has given to us, and that nobody here has read. */

export type PacRun =
  | { readonly ok: true; readonly text: string }
  /** Completes "{setting}: …". */
  | { readonly ok: false; readonly problem: string };

export type PacSurroundings = {
  /** Addresses of a name; none: it has none. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
  /** Addresses of this computer. */
  readonly own: () => readonly string[];
};

/** Of computing, all runs together. Scripts need a few milliseconds; a busy machine makes more of them. */
const usualComputingMs = 1_000;
/** For the thread to notice by itself that the time is over, before it is ended from outside. */
const graceMs = 50;
/** Each one is a look-up in the network. */
const mostNames = 20;

/**
 * `FindProxyForURL(url, host)` of a script.
 *
 * SECURITY: in QuickJS, compiled to WebAssembly, with nothing of ours within reach but three functions. Not in `node:vm`,
 * which is no boundary: a script that gets out of it has this process. Time and memory are limited. In a thread of its
 * own, which can be ended: the engine asks whether to go on between the steps of a script, and not within one, such as
 * the search for one long text in another, which can take minutes.
 *
 * A script asks for addresses and waits; WebAssembly cannot wait. So a run ends at the first name that is not known
 * yet, the name is looked up, and the script runs once more from the start.
 */
export async function runPac(
  script: string,
  url: URL,
  surroundings: PacSurroundings,
  computingMs = usualComputingMs,
): Promise<PacRun> {
  const thread = startThread({
    engine: await readEngine(),
    script,
    // No path and no query: they are between us and PingOne. Browsers do the same for https.
    url: `${url.origin}/`,
    host: url.hostname.replace(/^\[|\]$/g, ""),
    own: surroundings.own().join(";"),
  });
  const known = new Map<string, string>();
  let left = computingMs;
  try {
    for (;;) {
      const said = await ask(thread, { known, limitMs: left });
      switch (said.kind) {
        case "answered":
          return { ok: true, text: said.text };
        case "failed":
          return { ok: false, problem: said.problem };
        case "too-long":
          return { ok: false, problem: `the script did not end within ${computingMs} ms` };
        case "wanted":
          break;
        default:
          return said satisfies never;
      }
      left -= said.ms;
      if (known.size >= mostNames)
        return { ok: false, problem: `the script asks for more than ${mostNames} addresses` };
      known.set(said.name, (await surroundings.resolve(said.name)).join(";"));
    }
  } finally {
    await thread.terminate();
  }
}

/** SECURITY: without the environment and the arguments of this process, which are not its business. */
function startThread(task: PacTask): Worker {
  const options = { workerData: task, env: {}, argv: [], execArgv: [] };
  const thread = new Worker(workerProgram, { ...options, eval: typeof workerProgram === "string" });
  // For good: while a name is looked up, nobody else listens, and an error that nobody hears ends this process.
  thread.on("error", () => undefined);
  return thread;
}

/** One run, ended from outside when its time is over. */
function ask(thread: Worker, question: PacQuestion): Promise<Exclude<PacReply, { readonly kind: "started" }>> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | null = null;
    const settle = (said: Exclude<PacReply, { readonly kind: "started" }>): void => {
      if (timer !== null) clearTimeout(timer);
      thread.off("message", hear);
      thread.off("exit", end);
      resolve(said);
    };
    const hear = (said: PacReply): void => {
      if (said.kind !== "started") return settle(said);
      timer = setTimeout(
        // What has arrived while this process was busy is heard before.
        () => setImmediate(() => settle({ kind: "too-long" })),
        Math.max(question.limitMs, 0) + graceMs,
      );
    };
    const end = (): void => settle({ kind: "failed", problem: "the script could not be run" });
    thread.on("message", hear);
    thread.once("exit", end);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and no window
    thread.postMessage(question);
  });
}
