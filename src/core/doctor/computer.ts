import type { Outcome } from "../../contract/errors.ts";
import { contentsOf, openPairings, readLines } from "../pairing/record.ts";
import type { SecretStore } from "../ports.ts";
import type { FolderFacts, LogFacts } from "./ports.ts";
import { failed, pass, type Verdict, warn } from "./verdict.ts";

/** What DeskPair keeps on this computer, and where. */

type StoreKind = Awaited<ReturnType<SecretStore["kind"]>>;

export function judgeKeyStore(kind: StoreKind): Verdict {
  switch (kind) {
    case "system":
      return pass("Secrets are kept in the operating system's key store.");
    case "memory":
      return warn(
        "This computer offers no key store, so nothing is kept: each start needs a new sign-in.",
        "Unlock or set up the system's key store, on Linux a secret service such as GNOME Keyring or KWallet.",
      );
    case "file":
      return warn(
        "Secrets are kept in a file that only you can read, because somebody allowed that.",
        "Set up the system's key store and take the permission back.",
      );
    default:
      return kind satisfies never;
  }
}

/** @param journal the file's text; `null`: there has been no pairing yet */
export function judgeJournal(journal: Outcome<string | null>): Verdict {
  if (!journal.ok) return failed(journal.error);
  if (journal.value === null) return pass("There is no record yet: nothing was paired from this computer.");
  const { pairings, newer, unreadable } = contentsOf(readLines(journal.value));
  const open = openPairings(pairings).length;
  const seen = `${counted(pairings.length, "pairing")} on record, ${open} of them open`;
  const odd = [
    ...(unreadable === 0 ? [] : [`${counted(unreadable, "line")} cannot be read`]),
    ...(newer.length === 0 ? [] : [`${counted(newer.length, "pairing")} by a later version of DeskPair`]),
  ];
  const evidence = `${[seen, ...odd].join("; ")}.`;
  if (open > 0) return warn(evidence, "Run deskpair pairings recover, or start DeskPair: it finishes or undoes them.");
  if (odd.length > 0) return warn(evidence, "Nothing is lost by it; use the latest version of DeskPair.");
  return pass(evidence);
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

/** A journal line is a kilobyte; a disk with less room than this has other troubles soon. */
const leastBytes = 20_000_000;

export function judgeDataFolder({ path, exists, writable, openToOthers, freeBytes }: FolderFacts): Verdict {
  if (!writable) {
    const problem = `${path} cannot be written to`;
    return failed({ code: "storage-failed", operation: "write", problem });
  }
  if (freeBytes !== null && freeBytes < leastBytes) {
    const room = Math.floor(freeBytes / 1_000_000);
    return warn(`${path} can be written to, but the disk has only ${room} MB left.`, "Make room on this disk.");
  }
  if (openToOthers === true) {
    return warn(`${path} can be written to, but others may look into it.`, "Take the rights of others away from it.");
  }
  return pass(exists ? `${path} can be written to.` : `${path} will be made when it is first needed.`);
}

/** A pairing needs no log, so without one nothing fails. */
export function judgeLog({ folder, managed, problem }: LogFacts): Verdict {
  const whose = managed ? "The log that your organisation asks for is in" : "The window's log is in";
  if (problem === null) {
    return pass(managed ? `${whose} ${folder}.` : `${whose} ${folder}. A command writes one with --log-file.`);
  }
  return warn(
    `${whose} ${folder} and cannot be written: ${problem}.`,
    managed
      ? "Let an administrator make this folder writable for you, or choose another one in LogDirectory."
      : "Repair the rights of this folder, or make room on its disk.",
  );
}
