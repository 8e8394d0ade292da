import type { Case } from "./cases.ts";
import type { Expected } from "./expected.ts";
import { faultNames, faultOf } from "./faults.ts";
import { type Flow, flows, type RequestKind, requestKinds, requests } from "./requests.ts";
import type { Whole } from "./whole.ts";

/** The results as a page for people: one table per request, one line per fault. */

export type Result = Pick<Expected, "outcome" | "code" | "left" | "warnings" | "active"> & { readonly sent: number };
export type Found = { readonly about: Case; readonly result: Result };
export type WholeFound = { readonly about: Whole; readonly result: Result };

const head = (
  count: number,
): string => `<!-- Generated. \`npm run nightly -- write\` writes this file; a test fails when it is out of date. -->

# What happens when something goes wrong

Every line below was found out by doing it: DeskPair paired a workstation (through a pretend desktop agent) and a
security key (with a pretend key) against the simulator of PingOne on real sockets, and a gateway between them did to one
request what the first column says. ${count} cases, all of them in every test run.

Three things hold of every case, and the run checks them besides what the tables say: the user never has two ACTIVE
devices, and the signed JWT is handed to the agent at most once; after the next sign-in to DeskPair, or \`deskpair pairings
recover\`, nothing is pending any more; and no secret is in the result, the log or the journal.

How to read a cell:

- **paired**: the device is ACTIVE. A warning stands behind it in italics.
- \`a-code\`: the pairing failed with this code ([command-line.md](command-line.md)), and nothing is left in PingOne.
- \`a-code\`, **left: device** or **unknown**: something is, or may be, still there, and DeskPair says so (exit 51). The
  next sign-in cleans it up. Where it says "ACTIVE", the pairing had in fact been done, and that sign-in finds it out.
- Where a request is only sent because another one went wrong before it, the code is that of the other one.
- "2×": the request was sent twice, because it was safe to try again.

"Once" means that the next try meets no fault; "always", that every try does. Waits between tries are real in DeskPair
and skipped in these tests; time-outs are shortened.
`;

export function report(found: readonly Found[], whole: readonly WholeFound[]): string {
  const byKey = new Map(found.map(({ about, result }) => [keyOf(about), cellOf(result)]));
  const sections = requestKinds.map((request) => sectionOf(request, byKey));
  const lines = whole.map(({ about, result }) => `| ${about.words} | ${namesOf[about.flow]} | ${cellOf(result)} |`);
  const last = [
    "## The whole pairing",
    "",
    "| what is wrong | pairing | what comes of it |",
    "|---|---|---|",
    ...lines,
  ];
  return `${[head(found.length + whole.length), ...sections, last.join("\n")].join("\n")}\n`;
}

const namesOf: Readonly<Record<Flow, string>> = { desktop: "workstation", fido2: "security key" };
const keyOf = ({ flow, request, fault, lasts }: Case): string => [flow, request, fault, lasts].join(" ");

function sectionOf(request: RequestKind, cells: ReadonlyMap<string, string>): string {
  const rows = faultNames.flatMap((fault) => {
    const columns = (["once", "always"] as const).map((lasts) => {
      const told = flows.flatMap((flow) => {
        const cell = cells.get(keyOf({ flow, request, fault, lasts }));
        return cell === undefined ? [] : [{ flow, cell }];
      });
      const same = told.every(({ cell }) => cell === told[0]?.cell);
      return same ? told[0]?.cell : told.map(({ flow, cell }) => `${namesOf[flow]}: ${cell}`).join("<br>");
    });
    return columns.includes(undefined) ? [] : [`| ${faultOf(fault).words} | ${columns.join(" | ")} |`];
  });
  const { words, method, flows: met } = requests[request];
  const only = met.length === flows.length ? "" : `, ${met.map((flow) => namesOf[flow]).join()} only`;
  return [`## ${words} (${method}${only})`, "", "| fault | once | always |", "|---|---|---|", ...rows, ""].join("\n");
}

function cellOf({ outcome, code, left, warnings, active, sent }: Result): string {
  const tries = sent > 1 ? `, ${sent}×` : "";
  if (outcome === "paired") return `**paired**${warnings.map((warning) => ` _${warning}_`).join("")}${tries}`;
  const rest = left === null || left === "nothing" ? "" : `, **left: ${left}**${active > 0 ? " (ACTIVE)" : ""}`;
  return `\`${code}\`${rest}${tries}`;
}
