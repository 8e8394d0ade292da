import {
  type DoctorCheck,
  type DoctorCheckName,
  type DoctorReport,
  doctorCheckNames,
} from "../../src/contract/doctor.ts";
import { moment } from "./snapshots.ts";

type Differences = Partial<Record<DoctorCheckName, Partial<DoctorCheck>>>;

const passed: Readonly<Record<DoctorCheckName, string>> = {
  network: "api.pingone.eu is reached (192.0.2.7); auth.pingone.eu is reached (192.0.2.9).",
  proxy: "Requests to PingOne go straight there; no proxy is set.",
  tls: "api.pingone.eu: TLSv1.3, signed by Amazon RSA 2048 M02 (Amazon) (public), valid until 2027-03-01.",
  clock: "The clock of this computer agrees with PingOne's (within 0.6 s).",
  "key-store": "Secrets are kept in the operating system's key store.",
  journal: "12 pairings on record, 0 of them open.",
  "data-folder": "C:\\Users\\ada\\AppData\\Local\\DeskPair\\Data can be written to.",
  log: "The window's log is in C:\\Users\\ada\\AppData\\Local\\DeskPair\\logs. A command writes one with --log-file.",
  policy: "No policy manages this computer.",
  "sign-in": "PingOne gave a token to the signed-in administrator.",
  permissions: "Granted: read-environment, read-users, read-policies, read-devices.",
  capabilities: "The environment may use MFA, the PingID Desktop app, security keys.",
  "mfa-policy": "Pairings use the MFA policy “Standard MFA”, which is the default.",
  "pairing-allowed": "The MFA policy “Standard MFA” allows workstations and security keys.",
  "relying-party": "The relying party is pingone.eu, from the FIDO policy.",
  "agent-installed": "Installed: PingID Desktop 1.0.0.",
  "agent-running": "A PingID app runs.",
  "agent-port": "The PingID app listens on port 9410, as the profile says.",
  "agent-identity": "The port belongs to C:\\Program Files\\Ping Identity\\agent.exe, which is trusted.",
  "agent-healthy": "It speaks HTTP (status 404 to an empty question).",
  user: "ada.lovelace is enabled, and MFA is on.",
  "device-limit": "The user has 2 of 5 devices.",
};

/** What somebody meets: a clock that is a little off, an agent that does not run, and nothing that could not be tested. */
const usual: Differences = {
  clock: {
    state: "warn",
    evidence: "The clock of this computer is 45 s ahead of PingOne's (within 0.6 s).",
    fix: "Set the clock, best by switching on the system's time synchronisation.",
  },
  "agent-running": {
    state: "fail",
    evidence: "Nothing listens on port 9410 of this workstation.",
    fix: "Install or start the PingID Desktop app, or correct the agent port in the settings.",
    error: { code: "agent-missing", port: 9410 },
  },
  "agent-port": { state: "not-tested", evidence: "No agent runs whose port could be compared." },
};

export const networkDown: Differences = {
  network: {
    state: "fail",
    evidence: "The name api.pingone.eu could not be found.",
    fix: "Check the network connection and the region or address.",
    error: { code: "network-failed", host: "api.pingone.eu", reason: "unresolved" },
  },
};

export const examined = (differences: Differences = usual): DoctorReport => {
  const checks = doctorCheckNames.map(
    (name, index): DoctorCheck => ({
      name,
      state: "pass",
      evidence: passed[name],
      fix: null,
      error: null,
      ms: 40 * index,
      ...differences[name],
    }),
  );
  const worst = (["fail", "warn", "not-tested"] as const).find((state) =>
    checks.some((check) => check.state === state),
  );
  return { checks, startedAt: moment, ms: 1_234, worst: worst ?? "pass" };
};
