import type { AppError } from "../../contract/errors.ts";
import type { Account, Listening, ListeningProcess, LoopbackAddress, PortSurvey } from "../ports.ts";

/**
 * Whether the programs that listen on the agent's port may get a pairing. Any program of this computer can take the
 * port, and whoever gets the signed options can answer them and so become the user's second factor.
 */

export type TrustRules = {
  readonly publishers: readonly string[];
  readonly platform: "win32" | "darwin" | "linux";
  /** Only against a simulator in this very process, which is signed by nobody: then it and no other has the port. */
  readonly simulated: boolean;
};

type Judgement =
  | { readonly verdict: "trusted"; readonly address: LoopbackAddress; readonly receivers: readonly Listening[] }
  | {
      readonly verdict: "doubtful";
      readonly address: LoopbackAddress;
      readonly receivers: readonly Listening[];
      readonly doubt: Doubt;
    }
  /** Nobody that the system shows us would get a connection. */
  | { readonly verdict: "nobody" };

/** What speaks against a program, in words that complete "… is not trusted: ". */
export type Doubt = {
  readonly program: ListeningProcess | null;
  readonly account: Account | null;
  readonly problem: string;
};

type Told = Extract<PortSurvey, { told: true }>;

/**
 * Every bound address whose socket could get a connection to the one that we call. A socket on `::` may take IPv4 too,
 * and the system does not say whether it does; so it counts.
 */
const reachedBy: Readonly<Record<LoopbackAddress, ReadonlySet<string>>> = {
  "127.0.0.1": new Set(["127.0.0.1", "0.0.0.0", "::ffff:127.0.0.1", "::ffff:0.0.0.0", "::"]),
  "::1": new Set(["::1", "::"]),
};

/**
 * Judges an address by everybody who could receive a connection to it, and takes the first of the two that is trusted:
 * where another program has the port on the other address, it gets no connection at all.
 */
export function judgeAgent(survey: Told, rules: TrustRules): Judgement {
  let doubtful: Judgement = { verdict: "nobody" };
  for (const address of ["127.0.0.1", "::1"] as const) {
    const receivers = receiversOn(survey, address);
    if (receivers.length === 0) continue;
    const doubt = doubtAbout(receivers, survey.asking, rules);
    if (doubt === null) return { verdict: "trusted", address, receivers };
    if (doubtful.verdict === "nobody") doubtful = { verdict: "doubtful", address, receivers, doubt };
  }
  return doubtful;
}

export const receiversOn = (survey: Told, address: LoopbackAddress): readonly Listening[] =>
  survey.listening.filter((listening) => reachedBy[address].has(listening.address));

/** The first thing that speaks against any of them; `null`: nothing does. */
export function doubtAbout(receivers: readonly Listening[], asking: Told["asking"], rules: TrustRules): Doubt | null {
  for (const { account, processes, complete } of receivers) {
    const isForeign = account !== null && isAnother(account, asking.userId);
    if (processes.length === 0) {
      return { program: null, account, problem: isForeign ? foreign : "this user may not see which program it is" };
    }
    for (const program of processes) {
      const problem = problemWith(program, asking, rules);
      if (problem !== null) return { program, account: program.accounts[0] ?? account, problem };
    }
    // A process of ours holds it, and yet another user could take connections away from it.
    if (isForeign) return { program: null, account, problem: foreign };
    if (!complete) return { program: processes[0] ?? null, account, problem: "it may share the port with others" };
  }
  return null;
}

const foreign = "it is run by another user";

/** Linux: neither the one who asks nor root, who can do everything anyway. */
const isAnother = (account: Account, userId: number | null): boolean =>
  account.id !== null && account.id !== 0 && account.id !== userId;

function problemWith(program: ListeningProcess, asking: Told["asking"], rules: TrustRules): string | null {
  if (rules.simulated) return program.id === asking.processId ? null : "only DeskPair's own simulator may answer now";
  if (rules.platform !== "linux") return problemWithSignature(program, rules.publishers);
  if (program.accounts.some((account) => isAnother(account, asking.userId))) return foreign;
  if (program.accounts.length === 0) return "this computer does not tell who runs it";
  return problemWithFile(program, asking.userId);
}

function problemWithSignature({ signature, path }: ListeningProcess, publishers: readonly string[]): string | null {
  if (typeof signature === "object") {
    const { publisher } = signature;
    return publishers.includes(publisher) ? null : `it is signed by ${plain(publisher)}, which is not allowed`;
  }
  switch (signature) {
    case "unsigned":
      return passesOn(path) ? toContainer : "it is not signed";
    case "invalid":
      return "its signature is not valid";
    case "unknown":
      return path === null ? "this user may not see which program it is" : "who signed it could not be found out";
    default:
      return signature satisfies never;
  }
}

function problemWithFile({ path, file }: ListeningProcess, userId: number | null): string | null {
  if (passesOn(path)) return toContainer;
  switch (file.state) {
    case "gone":
      return "its file was removed or replaced after it started";
    case "elsewhere":
      return "it runs in a container or a sandbox, with files of its own";
    case "not-told":
      return "this user may not see which program it is";
    case "on-disk": {
      const owners = new Set([0, ...(userId === null ? [] : [userId])]);
      const open = file.chain.find((entry) => !owners.has(entry.ownerId) || isWritableByOthers(entry, owners));
      return open === undefined ? null : `others may change ${plain(open.path)}`;
    }
    default:
      return file satisfies never;
  }
}

const groupWrite = 0o020;
const othersWrite = 0o002;
const sticky = 0o1000;
const folder = 0o040000;
const fileType = 0o170000;

/**
 * In a folder with the sticky bit, such as /tmp, nobody can move or remove what belongs to somebody else. A group of the
 * same number as its only member is the private group that most distributions give to each user (useradd(8)).
 */
function isWritableByOthers(
  { mode, groupId }: { mode: number; groupId: number },
  owners: ReadonlySet<number>,
): boolean {
  if ((mode & fileType) === folder && (mode & sticky) !== 0) return false;
  return (mode & othersWrite) !== 0 || ((mode & groupWrite) !== 0 && !owners.has(groupId));
}

/** Programs that only pass a port on, so that nothing about them says who answers. */
const forwarders = new Set(
  [
    "docker-proxy rootlessport rootlesskit slirp4netns pasta pasta.avx2 conmon",
    "com.docker.backend vpnkit gvproxy com.docker.backend.exe wslrelay.exe",
  ].flatMap((names) => names.split(" ")),
);
const passesOn = (path: string | null): boolean => forwarders.has(path?.split(/[/\\]/).at(-1) ?? "");
const toContainer = "it passes the port on to a container";

/** Names come from programs that we do not trust: no control characters, and no more than can be read. */
const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, "?").slice(0, 300);

const describeAccount = (account: Account | null): string | null => {
  if (account === null) return null;
  if (account.name !== null) return plain(account.name);
  return account.id === null ? null : `user ${account.id}`;
};

/** @param doubt `program` and `account` are named where they are known */
export function notTrusted(port: number, { program, account, problem }: Doubt): AppError {
  return {
    code: "agent-not-trusted",
    port,
    program: program?.path == null ? null : plain(program.path),
    account: describeAccount(account),
    problem,
  };
}

/**
 * Whether those who were judged are the ones who listen now: the same sockets, and on each all the processes of before,
 * by number, start and file. More may have come: who they are is for `doubtAbout`.
 */
export function areStillThere(before: readonly Listening[], now: readonly Listening[]): boolean {
  return before.every(({ address, socketId, processes }) =>
    now.some(
      (each) =>
        each.address === address &&
        each.socketId === socketId &&
        processes.every(({ id, started, path }) =>
          each.processes.some((p) => p.id === id && p.started === started && p.path === path),
        ),
    ),
  );
}
