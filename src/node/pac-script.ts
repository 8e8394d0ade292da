import { QuickJS } from "quickjs-wasi";
import { isInNetwork } from "./bypass.ts";
import { readEngine } from "./pac-engine.ts";
import { pacFunctions } from "./pac-functions.ts";

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
const mostMemory = 32 * 1024 * 1024;
const mostStack = 256 * 1024;
/** Each one is a look-up in the network. */
const mostNames = 20;

/**
 * `FindProxyForURL(url, host)` of a script.
 *
 * SECURITY: in QuickJS, compiled to WebAssembly, with nothing of ours within reach but the three functions given here.
 * Not in `node:vm`, which is no boundary: a script that gets out of it has this process. Time and memory are limited.
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
  const engine = await readEngine();
  const known = new Map<string, string>();
  let left = computingMs;
  for (;;) {
    const run = await runOnce(engine, script, url, known, surroundings, left);
    if ("tookTooLong" in run) return { ok: false, problem: `the script did not end within ${computingMs} ms` };
    if (!("wanted" in run)) return run;
    left -= run.ms;
    if (known.size >= mostNames) return { ok: false, problem: `the script asks for more than ${mostNames} addresses` };
    known.set(run.wanted, (await surroundings.resolve(run.wanted)).join(";"));
  }
}

async function runOnce(
  engine: Uint8Array<ArrayBuffer>,
  script: string,
  url: URL,
  known: ReadonlyMap<string, string>,
  { own }: PacSurroundings,
  limitMs: number,
): Promise<PacRun | { readonly wanted: string; readonly ms: number } | { readonly tookTooLong: true }> {
  let wanted: string | null = null;
  // Set when the machine stands: what it takes to start one is not the script's.
  let started = Number.POSITIVE_INFINITY;
  const spent = (): number => performance.now() - started;
  const isOver = (): boolean => wanted !== null || spent() > limitMs;
  const machine = await QuickJS.create({
    wasm: engine,
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
    offer("__own", () => own().join(";"));
    offer("__contains", (network = "", address = "") => isInNetwork(address, network));
    machine.evalCode(pacFunctions).dispose();
    started = performance.now();
    machine.evalCode(script).dispose();
    // No path and no query: they are between us and PingOne. Browsers do the same for https.
    const call = `String(FindProxyForURL(${JSON.stringify(`${url.origin}/`)}, ${JSON.stringify(url.hostname.replace(/^\[|\]$/g, ""))}))`;
    const answer = machine.evalCode(call);
    const text = answer.toString();
    answer.dispose();
    if (wanted !== null) return { wanted, ms: spent() };
    // By the format, nothing means no proxy. A function without a `return` means a mistake, and is no way.
    return { ok: true, text: text === "null" || text === "" ? "DIRECT" : text.slice(0, 10_000) };
  } catch (thrown) {
    if (wanted !== null) return { wanted, ms: spent() };
    if (spent() > limitMs) return { tookTooLong: true };
    return { ok: false, problem: `the script failed (${inOneLine(thrown)})` };
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
