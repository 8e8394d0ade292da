import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type AppError, fail, type Outcome, ok } from "../contract/errors.ts";
import type { Credential } from "../core/fido2/credential.ts";
import type { Ceremony, CeremonyRequest, Clock, Log } from "../core/ports.ts";
import { type CredentialQuestion, readAnswer, writeQuestion } from "./fido2-answer.ts";
import { type KeyFacts, type KeyPlace, readKeyFacts, readKeyList } from "./fido2-key.ts";
import { type CredentialPlan, planCredential } from "./fido2-plan.ts";
import { type Fido2Tools, runTool, type ToolResult } from "./fido2-tools.ts";
import { clock as systemClock } from "./host.ts";

/** Whoever sits in front of the key, through a terminal or a dialog. */
export type Fido2Person = {
  /**
   * @param remaining tries before the key locks itself for good; `null`: the key does not say
   * @param signal aborts when the answer is no longer wanted
   * @returns the PIN as UTF-8 in Unicode normal form C, without a line end; the bytes are zeroed after use. `null`: the
   *   person does not want to.
   */
  readonly askPin: (remaining: number | null, signal: AbortSignal) => Promise<Uint8Array | null>;
  /** `reinsert`: the key takes no more PINs until it has been taken out, although it has tries left. */
  readonly tell: (what: "insert" | "touch" | "choose-one" | "reinsert") => void;
};

export type ToolCeremony = {
  readonly tools: Fido2Tools;
  readonly person: Fido2Person;
  readonly log: Log;
  readonly clock?: Clock;
  /** How long a person may take to plug the key in, or all others out, after being told. 0: no key is a failure at once. */
  readonly patienceMs?: number;
};

type Enrolment = Required<ToolCeremony> & { readonly request: CeremonyRequest; readonly signal: AbortSignal };

/**
 * A `Ceremony` over libfido2's tools, for security keys where Electron cannot ask for a PIN, and for the command line.
 *
 * `excludeCredentials` does not reach the key: fido2-cred has no such list, and fido2-token names only discoverable
 * credentials, for a PIN. Whether the key is registered already is for PingOne to decide. A key that keeps its
 * credentials replaces the one that it has for the same relying party and user id.
 *
 * A failure leaves no process, no file and no PIN behind.
 */
export function createToolCeremony(parts: ToolCeremony): Ceremony {
  const { clock = systemClock, patienceMs = 0 } = parts;
  return async (request) => {
    if (request.wanted !== "key") {
      return unavailable("libfido2 reaches security keys only, not this computer's own authenticator");
    }
    const over = new AbortController();
    const late = new AbortController();
    void clock.wait(request.timeoutMs, over.signal).then(() => late.abort());
    const signal = AbortSignal.any([request.signal, late.signal]);
    try {
      const outcome = await enrol({ ...parts, clock, patienceMs, request, signal });
      // Whatever a stopped tool looked like, it failed because it was stopped.
      if (outcome.ok || !signal.aborted) return outcome;
      if (request.signal.aborted) return fail({ code: "cancelled" });
      return fail({ code: "key-timed-out", seconds: Math.round(request.timeoutMs / 1000) });
    } finally {
      over.abort();
    }
  };
}

async function enrol(enrolment: Enrolment): Promise<Outcome<Credential>> {
  const { options } = enrolment.request;
  const question = writeQuestion(enrolment.request);
  if (question === null) return failed("the relying party is not a host name");
  const key = await findKey(enrolment);
  if (!key.ok) return key;
  const facts = await readFacts(enrolment, key.value);
  if (!facts.ok) return facts;
  const plan = planCredential(options, facts.value);
  if (!plan.ok) return plan;
  return makeCredential(enrolment, question, key.value, facts.value, plan.value);
}

/** The one key that is plugged in. */
async function findKey(enrolment: Enrolment): Promise<Outcome<KeyPlace>> {
  const { clock, person, patienceMs, signal } = enrolment;
  const started = clock.monotonic();
  let told: "insert" | "choose-one" | null = null;
  for (;;) {
    const keys = await listKeys(enrolment);
    if (!keys.ok) return keys;
    const [first, ...others] = keys.value;
    if (first !== undefined && others.length === 0) return ok(first);
    const wish = first === undefined ? "insert" : "choose-one";
    if (told !== wish) person.tell(wish);
    told = wish;
    if (signal.aborted || clock.monotonic() - started >= patienceMs) {
      if (first === undefined) return fail({ code: "key-missing" });
      return unavailable("several security keys are plugged in; leave only the one to enrol");
    }
    await clock.wait(500, signal);
  }
}

async function listKeys(enrolment: Enrolment): Promise<Outcome<readonly KeyPlace[]>> {
  const listed = await run(enrolment, enrolment.tools.token, ["-L"]);
  if (listed.kind !== "ended") return notEnded(listed);
  const keys = listed.code === 0 ? readKeyList(listed.output) : null;
  return keys === null ? failed("fido2-token did not give a list of keys") : ok(keys);
}

async function readFacts(enrolment: Enrolment, key: KeyPlace): Promise<Outcome<KeyFacts>> {
  const shown = await run(enrolment, enrolment.tools.token, ["-I", key.path]);
  if (shown.kind !== "ended") return notEnded(shown);
  if (shown.code === null) return failed("fido2-token ended without a reason");
  if (shown.code !== 0) return fail(await unknownCause(enrolment));
  const facts = readKeyFacts(shown.output);
  return facts === null ? failed("fido2-token did not describe the key") : ok(facts);
}

async function makeCredential(
  enrolment: Enrolment,
  question: CredentialQuestion,
  key: KeyPlace,
  facts: KeyFacts,
  plan: CredentialPlan,
): Promise<Outcome<Credential>> {
  const { person, request, tools } = enrolment;
  // A file, because stdin is for the PIN alone. It holds no secret, but who gets a key is nobody else's business.
  const parameters = await writeParameters(question.lines);
  if (parameters === null) return failed("there is no temporary folder that can be written to");
  const asking = new AbortController();
  const wanted = AbortSignal.any([enrolment.signal, asking.signal]);
  const pin = { answer: "none" as "none" | "given" | "impossible" };
  const answerPin = async (): Promise<Uint8Array | null> => {
    const bytes = await person.askPin(facts.pinTries, wanted);
    pin.answer = bytes === null ? "none" : canBePin(bytes) ? "given" : "impossible";
    if (wanted.aborted || pin.answer !== "given") {
      bytes?.fill(0);
      return null;
    }
    person.tell("touch");
    return bytes;
  };
  try {
    if (!plan.pinFirst) person.tell("touch");
    const flags = [...(plan.isResident ? ["-r"] : []), ...(plan.verifies ? ["-v"] : [])];
    const args = ["-M", "-i", parameters.path, ...flags, key.path, plan.type];
    const made = await run(enrolment, tools.cred, args, answerPin);
    // Not a try: the tool never had what was typed.
    if (made.kind === "stopped" && pin.answer === "impossible") return pinRefused(facts.pinTries);
    if (made.kind !== "ended") return notEnded(made);
    if (made.code !== 0) return fail(await readComplaint(enrolment, key, made.complaint));
    const credential = readAnswer(made.output, question, request, plan, key.transport);
    return credential === null ? failed("fido2-cred did not give a credential that can be read") : ok(credential);
  } finally {
    asking.abort();
    await parameters.remove();
  }
}

/** Why fido2-cred failed, as far as it says so itself (fido_strerr(3)). */
async function readComplaint(enrolment: Enrolment, key: KeyPlace, complaint: string): Promise<AppError> {
  const name = errorName(complaint);
  if (name === "FIDO_ERR_PIN_BLOCKED") return { code: "pin-refused", remaining: 0 };
  if (name === "FIDO_ERR_PIN_INVALID" || name === "FIDO_ERR_PIN_AUTH_BLOCKED") {
    if (name === "FIDO_ERR_PIN_AUTH_BLOCKED") enrolment.person.tell("reinsert");
    // Asked of the key and not counted here: others may have tried, too.
    const facts = await readFacts(enrolment, key);
    return { code: "pin-refused", remaining: facts.ok ? facts.value.pinTries : null };
  }
  if (name === "FIDO_ERR_KEY_STORE_FULL") {
    return { code: "ceremony-unavailable", reason: "this key has no room for another discoverable credential" };
  }
  // It prints a signature in any case, and a key that attests nothing gives none.
  if (/: output error$/m.test(complaint)) {
    return { code: "ceremony-unavailable", reason: "the installed libfido2 cannot print what this key answered" };
  }
  if (name === null) return { code: "ceremony-failed", problem: "fido2-cred ended without a reason" };
  return unknownCause(enrolment);
}

/** Most errors of a key have several causes, and none of them is stated. That nothing is plugged in any more can be seen. */
async function unknownCause(enrolment: Enrolment): Promise<AppError> {
  const keys = await listKeys(enrolment);
  return { code: keys.ok && keys.value.length === 0 ? "key-missing" : "key-refused" };
}

const errorName = (complaint: string): string | null => /: (FIDO_ERR_[A-Z0-9_]{1,40})\b/.exec(complaint)?.[1] ?? null;

async function run(
  { clock, log, signal }: Enrolment,
  file: string,
  args: readonly string[],
  answerPin?: () => Promise<Uint8Array | null>,
): Promise<ToolResult> {
  const started = clock.monotonic();
  const result = await runTool({ file, args, signal, ...(answerPin === undefined ? {} : { answerPin }) });
  const ended = result.kind === "ended" ? { code: result.code, error: errorName(result.complaint) } : {};
  log(result.kind === "ended" && result.code === 0 ? "debug" : "warn", "fido2.tool", {
    tool: basename(file),
    result: result.kind,
    ...ended,
    milliseconds: Math.round(clock.monotonic() - started),
  });
  return result;
}

/** CTAP 2.1, “PIN Composition Requirements”: 4 to 63 bytes. A line end would cut it short and cost a try. */
const canBePin = (pin: Uint8Array): boolean =>
  pin.length >= 4 && pin.length <= 63 && !pin.some((byte) => byte === 0 || byte === 0x0a || byte === 0x0d);

type Parameters = { readonly path: string; readonly remove: () => Promise<void> };

/** In a new folder that only the owner may enter. `null`: it cannot be written. */
async function writeParameters(lines: readonly string[]): Promise<Parameters | null> {
  let folder: string | null = null;
  const remove = async (): Promise<void> => {
    // What the key has made is worth more than a file that the system clears away at its next start.
    if (folder !== null) await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  };
  try {
    folder = await mkdtemp(join(tmpdir(), "deskpair-key-"));
    const path = join(folder, "parameters");
    await writeFile(path, `${lines.join("\n")}\n`, { mode: 0o600, flag: "wx" });
    return { path, remove };
  } catch {
    await remove();
    return null;
  }
}

/** `cancelled` also stands for “no time left”, which only the caller can tell apart. */
const notEnded = ({ kind }: { readonly kind: "stopped" | "not-started" }) =>
  kind === "stopped" ? fail({ code: "cancelled" }) : unavailable("libfido2's tools are not there or may not be run");
const unavailable = (reason: string) => fail({ code: "ceremony-unavailable", reason });
const failed = (problem: string) => fail({ code: "ceremony-failed", problem });
const pinRefused = (remaining: number | null) => fail({ code: "pin-refused", remaining });
