import type { NetworkReason } from "../../contract/errors.ts";
import type { HttpFailure } from "../ports.ts";

/** What the doctor asks of the world beyond `Ports`. Nothing in here writes, and nothing rejects. */

/** A server, as a connection needs it. */
export type Place = { readonly host: string; readonly port: number };

type Unreached = Exclude<NetworkReason, "redirected" | "too-large">;

export type Reached =
  | { readonly ok: true /** The address that answered. */; readonly address: string }
  | { readonly ok: false; readonly reason: Unreached };

export type Way =
  | { readonly via: "direct" }
  | { readonly via: "proxy"; readonly proxy: Place }
  /** A proxy that DeskPair does not speak to. */
  | { readonly via: "unspoken"; readonly name: string };

/** Which way requests to an address take. */
export type Route =
  | {
      readonly ok: true;
      /** In the order in which they are tried; the next one only when nothing is reached on the one before. */
      readonly ways: readonly Way[];
      /** Who says so: a variable, a policy, the system. */
      readonly from: string;
      /** What was passed over, a whole sentence. */
      readonly note: string | null;
    }
  | { readonly ok: false; readonly setting: string; readonly problem: string };

/** A file that somebody named, with certificate authorities in it that therefore nobody trusts. */
export type BrokenAuthorityFile = {
  /** The variable that names it. */
  readonly setting: string;
  readonly path: string;
  /** Completes "… names {path}: …". */
  readonly problem: string;
};

export type TlsFacts =
  | {
      readonly ok: true;
      readonly protocol: string;
      /** Names for people, of the certificate of the server and of the authority that signed it. */
      readonly subject: string;
      readonly issuer: string;
      /** Milliseconds since 1970. */
      readonly validUntil: number;
      /**
       * `public`: the chain ends at an authority that every browser brings along. `private`: only this computer knows
       * it, because somebody installed it here.
       */
      readonly authority: "public" | "private";
    }
  | { readonly ok: false; readonly failure: HttpFailure };

/** A program that calls itself PingID. The older app has the same name, so this is a hint and no proof. */
export type Installation = {
  readonly name: string;
  readonly version: string | null;
  readonly path: string | null;
};

export type AgentInstallation =
  | {
      readonly told: true;
      readonly installed: readonly Installation[];
      /** Its processes and the TCP ports on which they listen; `null`: the system did not tell. */
      readonly running: readonly { readonly path: string; readonly ports: readonly number[] }[] | null;
    }
  /** `problem` completes "It could not be looked up: …". */
  | { readonly told: false; readonly problem: string };

export type FolderFacts = {
  readonly path: string;
  /** `false`: it will be made when it is first needed, and `writable` is about where it would be made. */
  readonly exists: boolean;
  readonly writable: boolean;
  /** Others may read in it. `null`: this system has no such bits. */
  readonly openToOthers: boolean | null;
  /** `null`: not told. */
  readonly freeBytes: number | null;
};

/** Where the log is, or would be. */
export type LogFacts = {
  readonly folder: string;
  /** A policy says where. */
  readonly managed: boolean;
  /** Completes "it cannot be written: …"; `null`: nothing is in the way, as far as can be told without writing. */
  readonly problem: string | null;
};

export type DoctorPorts = {
  /** Finds the name and makes a connection; sends nothing. */
  readonly reach: (place: Place, signal: AbortSignal) => Promise<Reached>;
  readonly route: (url: string) => Promise<Route>;
  /** One handshake, on the way and with the authorities that the requests use, and nothing after it. */
  readonly connectTls: (place: Place, signal: AbortSignal) => Promise<TlsFacts>;
  readonly brokenAuthorityFiles: () => Promise<readonly BrokenAuthorityFile[]>;
  readonly agentInstallation: (signal: AbortSignal) => Promise<AgentInstallation>;
  readonly dataFolder: () => Promise<FolderFacts>;
  readonly log: () => Promise<LogFacts>;
};
