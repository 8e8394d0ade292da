import type { AppError, Left, Needs, NetworkReason, ProxyReason } from "./errors.ts";

/**
 * The words for every failure: one sentence that a technician understands and one next step. The only place where a
 * code becomes words, for the window and the command line alike. No imports at run time, so that the page can carry it.
 *
 * Rules for a sentence: say what happened, not what we felt; never state a cause that cannot be known; no code, no path,
 * no secret in it.
 */
export type ErrorWords = { readonly message: string; readonly nextStep: string };

const networkWords: Record<NetworkReason, (host: string) => ErrorWords> = {
  refused: (host) => ({
    message: `${host} refused the connection.`,
    nextStep: "Check the address and the port, and whether a firewall stands between.",
  }),
  unresolved: (host) => ({
    message: `The name ${host} could not be found.`,
    nextStep: "Check the network connection and the region or address.",
  }),
  reset: (host) => ({
    message: `The connection to ${host} broke off.`,
    nextStep: "Check the network connection and try again.",
  }),
  "timed-out": (host) => ({
    message: `${host} did not answer in time.`,
    nextStep: "Check the network connection and try again.",
  }),
  redirected: (host) => ({
    message: `${host} sent us to another address, which DeskPair does not follow.`,
    nextStep: "Check the address. A sign-in page of the network or a wrong host often answers like this.",
  }),
  "too-large": (host) => ({
    message: `${host} sent more than an answer of PingOne can hold.`,
    nextStep: "Check the address: this is probably not PingOne.",
  }),
};

const proxyWords: Record<ProxyReason, (proxy: string, host: string, status: number | undefined) => ErrorWords> = {
  refused: (proxy, host) => ({
    message: `The proxy ${proxy} on the way to ${host} refused the connection.`,
    nextStep: "Check the proxy setting: address, port, and whether this computer is in the organisation's network.",
  }),
  unresolved: (proxy, host) => ({
    message: `The name of the proxy ${proxy} on the way to ${host} could not be found.`,
    nextStep: "Check the proxy setting, and whether this computer is in the organisation's network.",
  }),
  "timed-out": (proxy, host) => ({
    message: `The proxy ${proxy} on the way to ${host} could not be reached in time.`,
    nextStep: "Check the proxy setting, and whether this computer is in the organisation's network.",
  }),
  silent: (proxy, host) => ({
    message: `The proxy ${proxy} did not open a way to ${host} in time.`,
    nextStep: "Try again. If it stays like this, ask whoever runs the proxy whether it lets this address through.",
  }),
  reset: (proxy, host) => ({
    message: `The proxy ${proxy} broke off before there was a way to ${host}.`,
    nextStep: "Try again. If it stays like this, ask whoever runs the proxy whether it lets this address through.",
  }),
  tls: (proxy, host) => ({
    message: `No secure connection could be made to the proxy ${proxy} on the way to ${host}.`,
    nextStep: "Check whether the proxy takes https://, and install its certificate authority in the system's store.",
  }),
  answered: (proxy, host, status) => ({
    message:
      status === undefined
        ? `What answers as the proxy ${proxy} on the way to ${host} is no proxy.`
        : `The proxy ${proxy} answered with a page of its own instead of a way to ${host} (HTTP ${status}).`,
    nextStep:
      status === undefined
        ? "Check address and port of the proxy setting."
        : "Ask whoever runs the proxy to let connections to this address through, without a sign-in page.",
  }),
  kind: (proxy, host) => ({
    message: `The way to ${host} goes through ${proxy}, a kind of proxy that DeskPair does not speak.`,
    nextStep: "Use an HTTP proxy (http:// or https://); SOCKS is not supported.",
  }),
};

/** Only Basic can be answered: the others need the account that Windows is signed in with, or a library for it. */
function describeProxyCredentials(error: Extract<AppError, { code: "proxy-credentials-required" }>): ErrorWords {
  const { proxy, host, given, offered } = error;
  if (offered.length > 0 && !offered.includes("basic")) {
    return {
      message: `The proxy ${proxy} on the way to ${host} asks for a sign-in (${offered.join(", ")}) that DeskPair does not know.`,
      nextStep: "Ask whoever runs the proxy to let PingOne through without a sign-in, or to allow Basic.",
    };
  }
  return {
    message: given
      ? `The proxy ${proxy} on the way to ${host} did not accept the user name and password that it was given.`
      : `The proxy ${proxy} on the way to ${host} asks for a user name and a password.`,
    nextStep: `${given ? "Correct the line" : "Write a line"} “${proxy} user:password” in the proxy credentials file.`,
  };
}

/** “1 second”, “2 seconds”. */
const inSeconds = (count: number): string => (count === 1 ? "1 second" : `${count} seconds`);

const tryAgain = "Try again. If it stays like this, report the correlation id to Ping Identity.";

const signedOutWords: Record<NonNullable<Extract<AppError, { code: "sign-in-required" }>["reason"]>, string> = {
  expired: "Your session has ended.",
  idle: "You were signed out because nothing was done for a while.",
  locked: "You were signed out because the computer was locked.",
};

function describeProgram(named: string | null, account: string | null): string {
  const program = named ?? "an unknown program";
  return account === null ? program : `${program} (run by ${account})`;
}

function notAllowed(action: string, needs: Needs | undefined): ErrorWords {
  switch (needs?.kind) {
    case "role":
      return {
        message: `The signed-in account or application may not ${action}: it lacks the role ${needs.name}.`,
        nextStep: `Give it the role ${needs.name} for this environment or population. A new role can take minutes.`,
      };
    case "scope":
      return {
        message: `You may not ${action}: the application does not grant the scope ${needs.name}.`,
        nextStep: `Ask the administrator to add the scope ${needs.name} to the application, then sign in again.`,
      };
    default:
      return {
        message: `The signed-in account or application may not ${action}.`,
        nextStep: "Ask the PingOne administrator which roles or scopes it has. A new role can take minutes.",
      };
  }
}

/** Words for an error. Total: every code has them. */
export function describeError(error: AppError): ErrorWords {
  switch (error.code) {
    case "usage-invalid":
      return { message: error.problem, nextStep: "Run the command with --help to see what it takes." };
    case "configuration-missing":
      return {
        message: `Not set: ${error.settings.join(", ")}.`,
        nextStep: "Set it in the environment, in a configuration file, or in the app's connection settings.",
      };
    case "configuration-invalid":
      return { message: `${error.setting}: ${error.problem}.`, nextStep: `Correct ${error.setting}.` };
    case "blocked-by-policy":
      return {
        message: `Your organisation does not allow this (${error.setting}).`,
        nextStep: "Ask the administrator who manages DeskPair.",
      };
    case "storage-failed":
      return {
        message: `DeskPair could not ${error.operation} its data: ${error.problem}.`,
        nextStep: "Check that the data folder exists, is yours, and has room.",
      };
    case "sign-in-required":
      return {
        message: error.reason === undefined ? "You are not signed in." : signedOutWords[error.reason],
        nextStep: "Sign in and try again.",
      };
    case "sign-in-refused":
      return {
        message: "PingOne refused the sign-in.",
        nextStep: "Check the environment id, the client id and the secret, and that the application is enabled.",
      };
    case "sign-in-denied":
      return {
        message: "The sign-in was declined on PingOne's page.",
        nextStep: "Sign in again with an account that may use this application.",
      };
    case "sign-in-timed-out":
      return {
        message: `Nobody finished the sign-in within ${inSeconds(error.seconds)}.`,
        nextStep: "Start the sign-in again. If no browser opened, copy its address into one.",
      };
    case "sign-in-invalid":
      return {
        message: `The answer to the sign-in was not accepted: ${error.problem}.`,
        nextStep: "Start the sign-in again, in one browser window only. Then check the environment and the client id.",
      };
    case "sign-in-port-taken":
      return {
        message:
          error.program === null
            ? `Another program uses port ${error.port}, to which the browser has to come back.`
            : `${error.program} uses port ${error.port}, to which the browser has to come back.`,
        nextStep: "Close that program, or set another redirect port that is registered for the application.",
      };
    case "secret-store-failed":
      return {
        message: `The key store of this computer could not be used: ${error.problem}.`,
        nextStep: "Unlock or repair it. Until then, sign in each time; nothing that is stored has been deleted.",
      };
    case "profile-unknown":
      return {
        message: `There is no profile named “${error.profile}”.`,
        nextStep: "List the profiles and choose one of them.",
      };
    case "confirmation-required":
      return {
        message: `“${error.profile}” is a production environment, and this cannot be undone: ${error.action}.`,
        nextStep: "Confirm it: in the window with the button, on the command line with --yes.",
      };
    case "not-allowed":
      return notAllowed(error.action, error.needs);
    case "user-not-found":
      return {
        message: `No user matches “${error.query}”.`,
        nextStep: "Check the spelling and the environment. A user that the role may not see is not found either.",
      };
    case "user-ambiguous":
      return {
        message: `“${error.query}” matches ${error.count} users.`,
        nextStep: "Use the username or the user id, which are unique.",
      };
    case "user-disabled":
      return {
        message: `The account of ${error.username} is disabled.`,
        nextStep: "Enable the user in PingOne first.",
      };
    case "device-not-found":
      return { message: "This user has no such device.", nextStep: "List the devices and choose one of them." };
    case "device-limit-reached":
      return {
        message: "The user has as many devices as the environment allows.",
        nextStep: "Remove a device that is no longer used, then pair again.",
      };
    case "pairing-not-allowed":
      return {
        message: "The MFA policy does not allow this kind of device to be paired.",
        nextStep: "Choose another policy, or allow this kind of device to be paired in this one.",
      };
    case "policy-unknown":
      return {
        message: "PingOne does not know this MFA policy.",
        nextStep: "Check the policy id: it must be an MFA policy of this environment.",
      };
    case "licence-exceeded":
      return {
        message: "The licence of this environment does not cover another device.",
        nextStep: "Ask the PingOne administrator about the licence.",
      };
    case "activation-refused":
      return {
        message: "PingOne did not accept the proof of the workstation or the key.",
        nextStep: "Pair again. If it stays like this, update the PingID Desktop app, or try another key.",
      };
    case "relying-party-mismatch":
      return {
        message: `PingOne answered for the relying party ${error.received}, not ${error.expected}.`,
        nextStep: "Check the relying party in the settings and in the MFA policy.",
      };
    case "device-gone":
      return { message: "The device is no longer in PingOne.", nextStep: "Pair again." };
    case "request-refused":
      return {
        message: `PingOne refused to ${error.action} (HTTP ${error.status}).`,
        nextStep: "See PingOne's own words below, and report the correlation id if they do not help.",
      };
    case "rate-limited":
      return {
        message: "PingOne is receiving too many requests from this environment.",
        nextStep:
          error.retryAfterSeconds === undefined
            ? "Wait a minute and try again."
            : `Wait ${inSeconds(error.retryAfterSeconds)} and try again.`,
      };
    case "server-unavailable":
      return {
        message: `PingOne could not answer (HTTP ${error.status}).`,
        nextStep: "Wait a minute and try again; see Ping Identity's status page if it lasts.",
      };
    case "reply-invalid":
      return { message: `PingOne's answer could not be used: ${error.problem}.`, nextStep: tryAgain };
    case "network-failed":
      return networkWords[error.reason](
        error.proxy === undefined ? error.host : `${error.host} (through the proxy ${error.proxy})`,
      );
    case "proxy-failed":
      return proxyWords[error.reason](error.proxy, error.host, error.status);
    case "proxy-credentials-required":
      return describeProxyCredentials(error);
    case "clock-wrong":
      return {
        message: `The clock of this computer is ${inSeconds(Math.abs(error.offsetSeconds))} ${error.offsetSeconds > 0 ? "ahead of" : "behind"} PingOne's.`,
        nextStep: "Set the clock, best by switching on the system's time synchronisation, then try again.",
      };
    case "tls-failed":
      return {
        message: `The certificate of ${error.host}${error.proxy === undefined ? "" : ` (through the proxy ${error.proxy})`} is not trusted: ${error.problem}${error.issuer === undefined ? "" : ` (signed by ${error.issuer})`}.`,
        nextStep: "If the network inspects TLS, install its certificate authority in the system's store.",
      };
    case "agent-missing":
      return {
        message: `Nothing listens on port ${error.port} of this workstation.`,
        nextStep: "Install or start the PingID Desktop app, or correct the agent port in the settings.",
      };
    case "agent-not-recognized":
      return {
        message: `What listens on port ${error.port} does not answer like the PingID Desktop app.`,
        nextStep: "Find the program on this port, or correct the agent port in the settings.",
      };
    case "agent-not-trusted":
      return {
        message: `Port ${error.port} belongs to ${describeProgram(error.program, error.account)}, which is not trusted as the PingID Desktop app: ${error.problem}.`,
        nextStep: "Find out what this program is. If it is the right one, allow it in the agent trust setting.",
      };
    case "agent-refused":
      return {
        message: `The PingID Desktop app on this workstation refused (HTTP ${error.status}).`,
        nextStep: "Check that fingerprint, face or PIN is set up and that the request was approved, then try again.",
      };
    case "agent-timed-out":
      return {
        message: `Nobody approved the request within ${inSeconds(error.seconds)}.`,
        nextStep: "Pair again and approve with fingerprint, face or PIN while the request is open.",
      };
    case "agent-connection-lost":
      return {
        message: "The PingID Desktop app closed the connection before it answered.",
        nextStep: "Restart the PingID Desktop app and pair again.",
      };
    case "key-refused":
      return {
        message: "The authenticator did not make a credential.",
        nextStep:
          "It may have been cancelled, not touched, not supported, or not able to verify the person. Insert the key, set its PIN if the policy asks for one, and try again.",
      };
    case "key-timed-out":
      return {
        message: `No authenticator answered within ${inSeconds(error.seconds)}.`,
        nextStep: "Insert the key, start again, and touch it when it blinks.",
      };
    case "key-already-registered":
      return {
        message: "This authenticator is already registered for the user.",
        nextStep: "Use another key, or remove the old device from the user first.",
      };
    case "wrong-authenticator":
      return {
        message:
          error.wanted === "key"
            ? "This computer's own authenticator answered, not a security key."
            : "A security key answered, not this computer's own authenticator.",
        nextStep: "Try again and choose the other one when the system asks. Nothing was registered.",
      };
    case "authenticator-not-allowed":
      return {
        message: "The FIDO policy does not allow this model of authenticator.",
        nextStep: "Use a model that the policy lists, or ask the PingOne administrator.",
      };
    case "credential-invalid":
      return {
        message: `The authenticator's answer was refused by DeskPair: ${error.problem}.`,
        nextStep: "Try again. If it stays like this, try another key and report it.",
      };
    case "relying-party-not-allowed":
      return {
        message: `${error.relyingPartyId} is not one of the relying parties for which DeskPair may pair.`,
        nextStep:
          "Ask the administrator to add it to the FIDO policy, to DeskPair's configuration, or to the policy RelyingPartiesAllowed.",
      };
    case "ceremony-failed":
      return {
        message: `The enrolment of the key could not be run: ${error.problem}.`,
        nextStep: "Restart DeskPair and try again; report this if it stays.",
      };
    case "ceremony-unavailable":
      return {
        message: `A security key cannot be enrolled here: ${error.reason}.`,
        nextStep: "Use the DeskPair window, or the organisation's own PingOne page in the browser.",
      };
    case "key-missing":
      return { message: "No security key is plugged in.", nextStep: "Insert the key and try again." };
    case "pin-refused":
      return {
        message: describePin(error.remaining),
        nextStep:
          error.remaining === 0
            ? "Reset the key with its vendor's tool, which removes everything on it, or use another key."
            : "Check the PIN before trying again: a key locks itself after too many wrong ones.",
      };
    case "existing-devices":
      return {
        message:
          error.count === 1
            ? "The user already has a PingID Desktop device."
            : `The user already has ${error.count} PingID Desktop devices.`,
        nextStep: "Check whether this workstation is one of them before pairing again.",
      };
    case "not-now":
      return { message: `DeskPair is busy: ${error.doing}.`, nextStep: "Wait until it is done, or cancel it." };
    case "message-refused":
      return { message: "The app refused a message from its own page.", nextStep: "Restart DeskPair and report this." };
    case "cancelled":
      return { message: "Cancelled.", nextStep: "Start again when you are ready." };
    case "interrupted":
      return { message: "DeskPair was ended in the middle of this pairing.", nextStep: "Pair again." };
    case "internal":
      return {
        message: "Something went wrong inside DeskPair.",
        nextStep: `Report this with the incident number ${error.incidentId}.`,
      };
    default:
      return error satisfies never;
  }
}

function describePin(remaining: number | null): string {
  if (remaining === null) return "The key did not accept the PIN.";
  if (remaining === 0) return "The key has locked itself after too many wrong PINs.";
  return `The key did not accept the PIN; ${remaining === 1 ? "1 try is" : `${remaining} tries are`} left.`;
}

/** What a failed pairing left behind, in a sentence. */
export function describeLeft(left: Left): string {
  switch (left) {
    case "nothing":
      return "Nothing was left in PingOne.";
    case "device":
      return "A device was left in PingOne: remove it from the user's devices. One that was never activated goes by itself after 24 hours.";
    case "unknown":
      return "PingOne could not be asked whether a device is left. Look at the user's devices: one that was never activated goes by itself after 24 hours, an active one stays.";
    default:
      return left satisfies never;
  }
}
