import { win32 } from "node:path";
import type { Listening, ListeningProcess, PortSurvey, Signature, SurveyPort } from "../core/ports.ts";
import { type Environment, type RunCommand, runCommand } from "./port-owner-command.ts";

/**
 * Who listens on a port of a Windows computer: Windows PowerShell, which every supported Windows has, at its place in the
 * system folder. Get-NetTCPConnection tells any user the process of every listening socket, Win32_Process its file, and
 * Get-AuthenticodeSignature who signed that.
 *
 * Two limits. The file of another user's process is told to administrators only. And the signature is that of the file
 * which lies under the program's name now, not of what was loaded; Windows lets a running program's file be renamed.
 */

/** Node hands it over as one argument between double quotes: so there is none in it. Only the numbers change. */
const script = (port: number, known: readonly string[]): string =>
  [
    "$ErrorActionPreference = 'Stop'",
    // Refused where scripts are restricted; then only names that are not English are garbled.
    "try { [Console]::OutputEncoding = [Text.Encoding]::UTF8 } catch { }",
    `$known = @(${known.map((key) => `'${key}'`).join(", ")})`,
    // It is an error for the cmdlet that nobody listens.
    `$sockets = @(NetTCPIP\\Get-NetTCPConnection -State Listen -LocalPort ${port} -ErrorAction SilentlyContinue | ForEach-Object { @{ address = $_.LocalAddress; id = $_.OwningProcess } })`,
    "$ids = @($sockets | ForEach-Object { $_.id } | Sort-Object -Unique)",
    "$processes = @($ids | ForEach-Object { CimCmdlets\\Get-CimInstance Win32_Process -Filter ('ProcessId={0}' -f $_) } | ForEach-Object {",
    "  $p = @{ id = $_.ProcessId; path = $_.ExecutablePath; started = '{0}' -f $_.CreationDate.Ticks }",
    "  try { $o = CimCmdlets\\Invoke-CimMethod -InputObject $_ -MethodName GetOwner; if ($o.User) { $p.account = '{0}\\{1}' -f $o.Domain, $o.User } } catch { }",
    "  if ($p.path -and $known -notcontains ('{0}:{1}' -f $p.id, $p.started)) { try {",
    "    $s = Microsoft.PowerShell.Security\\Get-AuthenticodeSignature -LiteralPath $p.path",
    "    $p.status = '{0}' -f $s.Status; $p.subject = $s.SignerCertificate.Subject } catch { } }",
    "  $p })",
    "@{ sockets = $sockets; processes = $processes } | ConvertTo-Json -Depth 4 -Compress",
  ].join("\n");

type WindowsProcess = {
  readonly id: number;
  readonly started: string;
  readonly path: string | null;
  readonly account: string | null;
  /** `null`: not asked, or not told. */
  readonly status: string | null;
  readonly subject: string | null;
};
type WindowsAnswer = {
  readonly sockets: readonly { readonly address: string; readonly id: number }[];
  readonly processes: readonly WindowsProcess[];
};

/** What the script wrote; `null`: it is not that. */
export function readWindowsAnswer(output: string): WindowsAnswer | null {
  const answer = parse(output.replace(/^\uFEFF/, ""));
  if (!isRecord(answer)) return null;
  const sockets = listIn(answer["sockets"]).map(({ address, id }) =>
    typeof address === "string" && typeof id === "number" ? { address, id } : null,
  );
  const processes = listIn(answer["processes"]).map(({ id, started, path, account, status, subject }) => {
    if (typeof id !== "number" || typeof started !== "string" || !/^\d+$/.test(started)) return null;
    const facts = { path: textOf(path), account: textOf(account), status: textOf(status), subject: textOf(subject) };
    return { id, started, ...facts };
  });
  // Half an answer could leave out the one who matters.
  if ([...sockets, ...processes].includes(null)) return null;
  return { sockets: sockets.filter((s) => s !== null), processes: processes.filter((p) => p !== null) };
}

type Json = Readonly<Record<string, unknown>>;
const isRecord = (value: unknown): value is Json => typeof value === "object" && value !== null;
const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

/** Windows PowerShell writes a list of one as the one, and a wrapped list as an object around it. */
function listIn(value: unknown): readonly Json[] {
  if (!isRecord(value)) return [];
  const list: unknown = Array.isArray(value["value"]) ? value["value"] : value;
  return (Array.isArray(list) ? list : [list]).map((item: unknown) => (isRecord(item) ? item : {}));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Only `Valid` is valid: Windows has built the chain of certificates and compared the file ("SignatureStatus"). */
export function readAuthenticode(status: string | null, subject: string | null): Signature {
  switch (status) {
    case "Valid": {
      const publisher = organisationIn(subject ?? "");
      return publisher === null ? "unknown" : { publisher };
    }
    case "NotSigned":
      return "unsigned";
    case "HashMismatch":
    case "NotTrusted":
    case "Incompatible":
      return "invalid";
    default:
      return "unknown";
  }
}

/**
 * The organisation in a certificate's subject, as Windows writes it: parts between commas, a value in double quotes where
 * it holds a comma or another special character, quotes doubled inside. `null`: there is none, or more than one.
 *
 * Read part by part, never searched for: a name may be bought that holds `, O=Ping Identity Corporation`.
 */
export function organisationIn(subject: string): string | null {
  const part = /\s*([A-Za-z0-9.]+)\s*=\s*(?:"((?:[^"]|"")*)"|([^",+]*))\s*([,+]|$)/y;
  const found: string[] = [];
  while (part.lastIndex < subject.length) {
    const match = part.exec(subject);
    if (match === null) return null;
    const [, name = "", quoted, bare = ""] = match;
    if (name.toUpperCase() === "O") found.push(quoted?.replaceAll('""', '"') ?? bare.trim());
  }
  return found.length === 1 ? (found[0] ?? null) : null;
}

const keyOf = ({ id, started }: Pick<WindowsProcess, "id" | "started">): string => `${id}:${started}`;

/** http.sys listens in the name of programs that it serves, as process 4, and does not say for which. */
const systemProcess = 4;

export function surveyWindows(environment: Environment, run: RunCommand = runCommand): SurveyPort {
  const systemRoot = environment["SystemRoot"] || "C:\\Windows";
  const folder = win32.join(systemRoot, "System32", "WindowsPowerShell", "v1.0");
  const passedOn = ["SystemDrive", "TEMP", "TMP", "USERPROFILE", "LOCALAPPDATA", "APPDATA", "ProgramData"].flatMap(
    (name) => (environment[name] === undefined ? [] : [[name, environment[name]] as const]),
  );
  // The system's modules only: a PSModulePath from PowerShell 7 would load modules that do not fit.
  const given = {
    ...Object.fromEntries(passedOn),
    SystemRoot: systemRoot,
    windir: systemRoot,
    PSModulePath: win32.join(folder, "Modules"),
  };
  const signatures = new Map<string, Signature>();

  return async (port): Promise<PortSurvey> => {
    const command = script(port, [...signatures.keys()]);
    const args = ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", command];
    const result = await run(win32.join(folder, "powershell.exe"), args, given);
    if (result === null) return { told: false, problem: "PowerShell did not answer" };
    const answer = result.code === 0 ? readWindowsAnswer(result.output) : null;
    if (answer === null) return { told: false, problem: `PowerShell failed with ${result.code}` };
    for (const each of answer.processes) {
      const signature = readAuthenticode(each.status, each.subject);
      // What could not be found out is asked again.
      if (signature !== "unknown") signatures.set(keyOf(each), signature);
    }
    const toProcess = (each: WindowsProcess): ListeningProcess => ({
      id: each.id,
      started: each.started,
      path: each.path ?? (each.id === systemProcess ? "System (http.sys)" : null),
      accounts: each.account === null ? [] : [{ id: null, name: each.account }],
      file: { state: "not-told" },
      signature: signatures.get(keyOf(each)) ?? "unknown",
    });
    const listening = answer.sockets.map(
      ({ address, id }): Listening => ({
        address,
        socketId: null,
        account: null,
        processes: answer.processes.filter((each) => each.id === id).map(toProcess),
        complete: true,
      }),
    );
    return { told: true, asking: { processId: process.pid, userId: null }, listening };
  };
}
