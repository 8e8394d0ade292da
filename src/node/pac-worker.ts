import { parentPort, workerData } from "node:worker_threads";
import { QuickJS } from "quickjs-wasi";
import { isInNetwork } from "./bypass.ts";
import { pacFunctions } from "./pac-functions.ts";

/** What runs a PAC script in a thread of its own: once for each message, from the start. */

/** For the whole life of the thread. */
export type PacTask = {
  /** The bytes of QuickJS. */
  readonly engine: Uint8Array<ArrayBuffer>;
  readonly script: string;
  /** What `FindProxyForURL` is given. */
  readonly url: string;
  readonly host: string;
  /** Addresses of this computer, with semicolons between. */
  readonly own: string;
};

export type PacQuestion = {
  /** Addresses by name, with semicolons between. */
  readonly known: ReadonlyMap<string, string>;
  readonly limitMs: number;
};

export type PacReply =
  /** The script begins to compute: what comes before is not its. */
  | { readonly kind: "started" }
  | { readonly kind: "answered"; readonly text: string }
  /** It needs the addresses of a name. */
  | { readonly kind: "wanted"; readonly name: string; readonly ms: number }
  | { readonly kind: "too-long" }
  /** Completes "{setting}: …". */
  | { readonly kind: "failed"; readonly problem: string };

const mostMemory = 32 * 1024 * 1024;
const mostStack = 256 * 1024;

async function run(task: PacTask, { known, limitMs }: PacQuestion, started: () => void): Promise<PacReply> {
  let wanted: string | null = null;
  let since = Number.POSITIVE_INFINITY;
  const spent = (): number => performance.now() - since;
  const isOver = (): boolean => wanted !== null || spent() > limitMs;
  const machine = await QuickJS.create({
    wasm: task.engine,
    memoryLimit: mostMemory,
    maxStackSize: mostStack,
    interruptHandler: isOver,
  });
  try {
    const offer = (name: string, answer: (...texts: readonly string[]) => string | boolean): void => {
      const given = machine.newFunction(name, (...values) => {
        const result = answer(...values.map((value) => value.toString().slice(0, 1_000)));
        return typeof result === "string" ? machine.newString(result) : result ? machine.true : machine.false;
      });
      machine.setProp(machine.global, name, given);
      given.dispose();
    };
    offer("__resolve", (name = "") => {
      const found = known.get(name);
      // Whatever the script makes of the empty answer, it is interrupted and asked again.
      if (found === undefined) wanted = name;
      return found ?? "";
    });
    offer("__own", () => task.own);
    offer("__contains", (network = "", address = "") => isInNetwork(address, network));
    machine.evalCode(pacFunctions).dispose();
    since = performance.now();
    started();
    machine.evalCode(task.script).dispose();
    const call = `String(FindProxyForURL(${JSON.stringify(task.url)}, ${JSON.stringify(task.host)}))`;
    const answer = machine.evalCode(call);
    const text = answer.toString();
    answer.dispose();
    if (wanted !== null) return { kind: "wanted", name: wanted, ms: spent() };
    // Inside of a long function nobody asks whether it is over.
    if (spent() > limitMs) return { kind: "too-long" };
    // By the format, nothing means no proxy. A function without a `return` means a mistake, and is no way.
    return { kind: "answered", text: text === "null" || text === "" ? "DIRECT" : text.slice(0, 10_000) };
  } catch (thrown) {
    if (wanted !== null) return { kind: "wanted", name: wanted, ms: spent() };
    if (spent() > limitMs) return { kind: "too-long" };
    return { kind: "failed", problem: `the script failed (${inOneLine(thrown)})` };
  } finally {
    machine.dispose();
  }
}

/** What the script says about itself, in printable characters and as much as fits in a sentence. */
function inOneLine(thrown: unknown): string {
  const { name, message } = thrown instanceof Error ? thrown : { name: "", message: String(thrown) };
  const text = `${name === "" ? "" : `${name}: `}${message}`.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return text === "" ? "without a word" : text.slice(0, 200);
}

const task: PacTask = workerData;
parentPort?.on("message", (question: PacQuestion) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, and no window
  const reply = (said: PacReply): void => parentPort?.postMessage(said);
  void run(task, question, () => reply({ kind: "started" })).then(reply);
});
