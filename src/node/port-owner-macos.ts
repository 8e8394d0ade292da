import type { Listening, ListeningProcess, PortSurvey, Signature, SurveyPort } from "../core/ports.ts";
import { type RunCommand, runCommand } from "./port-owner-command.ts";

/**
 * Who listens on a port of a Mac: lsof(8), ps(1) and codesign(1), which are part of the system. lsof shows the processes
 * of this user only, unless one is root; two users cannot share an address, so who is shown on one has it alone.
 *
 * codesign is given the process, not its file: it then asks the kernel about the code that really runs.
 */

const lsof = "/usr/sbin/lsof";
const ps = "/bin/ps";
const codesign = "/usr/bin/codesign";
/** In English, and with nothing of ours. */
const environment = { PATH: "/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" };

type MacSocket = { readonly processId: number; readonly address: string };

/**
 * What `lsof -F pftn` wrote: a line per field, the first letter says which. `p` begins a process, `f` one of its files;
 * `t` is `IPv4` or `IPv6`, `n` the bound address, with `*` for all of that kind.
 */
export function readLsof(output: string): readonly MacSocket[] {
  const sockets: MacSocket[] = [];
  let processId = 0;
  let type = "";
  for (const line of output.split("\n")) {
    const value = line.slice(1);
    if (line.startsWith("p")) processId = Number(value);
    else if (line.startsWith("f")) type = "";
    else if (line.startsWith("t")) type = value;
    else if (line.startsWith("n")) {
      const address = value.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
      sockets.push({ processId, address: address !== "*" ? address : type === "IPv4" ? "0.0.0.0" : "::" });
    }
  }
  return sockets;
}

type MacProcess = Pick<ListeningProcess, "id" | "started" | "path" | "accounts">;

const psLine = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+([A-Z]\w{2} [A-Z]\w{2} [ \d]\d \d\d:\d\d:\d\d \d{4})\s+(\S.*)$/;

/** What `ps -o pid=,uid=,user=,lstart=,comm=` wrote. The path is what the process calls itself: for people only. */
export function readPs(output: string): readonly MacProcess[] {
  return output.split("\n").flatMap((line) => {
    const [, id, userId, name = "", started = "", path = ""] = psLine.exec(line) ?? [];
    if (id === undefined) return [];
    return [{ id: Number(id), started, path: path.trimEnd(), accounts: [{ id: Number(userId), name }] }];
  });
}

/** What `codesign -dv --verbose=4` wrote, to its stderr: a claim, until it has been verified. */
export function readCodesign(complaint: string): { readonly path: string | null; readonly team: string | null } {
  const field = (name: string) => new RegExp(`^${name}=(.+)$`, "m").exec(complaint)?.[1] ?? null;
  const team = field("TeamIdentifier");
  // Ten letters and digits: it becomes part of a requirement, and `not set` is none.
  return { path: field("Executable"), team: team !== null && /^[A-Z0-9]{10}$/.test(team) ? team : null };
}

/**
 * The code has to be what was signed, by somebody whom Apple gave a certificate, for this very team. Without the second
 * part a certificate that somebody made for themselves would do ("Code Signing Requirement Language").
 */
const requirement = (team: string): string => `=anchor apple generic and certificate leaf[subject.OU] = "${team}"`;

export function surveyMacos(run: RunCommand = runCommand): SurveyPort {
  const seen = new Map<string, { readonly path: string | null; readonly signature: Signature }>();

  const readSignature = async (id: number): Promise<{ path: string | null; signature: Signature }> => {
    const shown = await run(codesign, ["-dv", "--verbose=4", String(id)], environment);
    if (shown === null) return { path: null, signature: "unknown" };
    if (/code object is not signed at all/.test(shown.complaint)) return { path: null, signature: "unsigned" };
    if (shown.code !== 0) return { path: null, signature: "unknown" };
    const { path, team } = readCodesign(shown.complaint);
    // Signed by the machine itself, as every program on Apple silicon is, or by Apple for its own.
    if (team === null) return { path, signature: "unsigned" };
    const verified = await run(codesign, ["--verify", "-R", requirement(team), String(id)], environment);
    if (verified === null) return { path, signature: "unknown" };
    return { path, signature: verified.code === 0 ? { publisher: team } : "invalid" };
  };

  const toProcess = async (process: MacProcess): Promise<ListeningProcess> => {
    const key = `${process.id} ${process.started} ${process.path}`;
    const signed = seen.get(key) ?? (await readSignature(process.id));
    if (signed.signature !== "unknown") seen.set(key, signed);
    const path = signed.path ?? process.path;
    return { ...process, path, file: { state: "not-told" }, signature: signed.signature };
  };

  return async (port): Promise<PortSurvey> => {
    const asking = { processId: process.pid, userId: process.geteuid?.() ?? null };
    const listed = await run(lsof, ["-nP", "-w", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpftn"], environment);
    if (listed === null) return { told: false, problem: "lsof did not answer" };
    // It ends with 1 both when there is nothing to list and when something is wrong; then it says what.
    if (listed.code !== 0 && listed.complaint.trim() !== "") return { told: false, problem: "lsof failed" };
    const sockets = readLsof(listed.output);
    const ids = [...new Set(sockets.map(({ processId }) => processId))];
    if (ids.length === 0) return { told: true, asking, listening: [] };
    const fields = ["-ww", "-o", "pid=,uid=,user=,lstart=,comm=", "-p", ids.join(",")];
    const described = await run(ps, fields, environment);
    if (described === null) return { told: false, problem: "ps did not answer" };
    const processes = await Promise.all(readPs(described.output).map(toProcess));
    const listening = sockets.map(
      ({ address, processId }): Listening => ({
        address,
        socketId: null,
        account: null,
        processes: processes.filter(({ id }) => id === processId),
        complete: true,
      }),
    );
    return { told: true, asking, listening };
  };
}
