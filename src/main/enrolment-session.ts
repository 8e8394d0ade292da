import type { FromPartitionOptions, Session } from "electron";
import type { Log } from "../core/ports.ts";
import {
  createEnrolmentProtocol,
  documentAddress,
  type EnrolmentPage,
  type EnrolmentRequest,
} from "./enrolment-protocol.ts";
import { type GuardedSession, guardSession } from "./guards.ts";

/** The session that one ceremony lives in, from before its window until after it. */

export type EnrolmentSession = GuardedSession &
  Pick<Session, "clearStorageData"> & {
    readonly protocol: {
      readonly handle: (scheme: string, handler: (request: EnrolmentRequest) => Promise<Response>) => void;
      readonly unhandle: (scheme: string) => void;
    };
  };

export type SessionSource = {
  readonly fromPartition: (partition: string, options: FromPartitionOptions) => EnrolmentSession;
};

/** A session that nobody else has or had, closed before anything can be in it. */
export function openSession(
  source: SessionSource,
  given: {
    readonly partition: string;
    readonly origin: string;
    readonly page: EnrolmentPage;
    readonly log: Log;
  },
): EnrolmentSession {
  // In memory: a name without `persist:` keeps nothing on the disk.
  const session = source.fromPartition(given.partition, { cache: false });
  guardSession(session, [documentAddress(given.origin)], given.log);
  // WebAuthn is not among the permissions of Electron, so this window needs none at all.
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.protocol.handle("https", createEnrolmentProtocol(given.origin, given.page));
  return session;
}

/** Nothing leaves it any more, and what it held is gone. Once its window is. */
export function closeSession(session: EnrolmentSession, log: Log): void {
  // Before the address loses its handler: what was still on its way would go to the real host.
  session.webRequest.onBeforeRequest((_details, decide) => decide({ cancel: true }));
  session.protocol.unhandle("https");
  session.clearStorageData().catch(() => log("warn", "enrolment.storage-not-cleared"));
}

/** Compile-time only: Electron's own session is what this takes. */
type Accepts<Wanted, Given extends Wanted> = Given;
/** @public Nobody imports it; it fails to compile when it no longer holds. */
export type CheckedAgainstElectron = Accepts<EnrolmentSession, Session>;
