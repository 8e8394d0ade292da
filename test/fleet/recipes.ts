import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { chmod, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { type Place, program } from "../cli/command-line.ts";
import { policyFolder, underPolicy } from "../cli/machine-policy.ts";

export const recipes = join(import.meta.dirname, "../../docs/fleet");

export const readRecipe = (path: string): string => readFileSync(join(recipes, path), "utf8");

export const verdicts = ["compliant", "retry later", "needs a person"] as const;
export type Verdict = (typeof verdicts)[number];

/** The table "Exit codes" of the recipes' README, which the scripts have to implement. */
export function readTable(): ReadonlyMap<number, Verdict> {
  const [, part = ""] = readRecipe("README.md").split("## Exit codes");
  const [rows = ""] = part.split("\n## ");
  return new Map(
    [...rows.matchAll(/^\| (\d+) \| ([a-z ]+) \|/gm)].map(([, number, words]) => {
      const verdict = verdicts.find((one) => one === words);
      if (verdict === undefined) throw new Error(`The table has an unknown verdict: ${words}`);
      return [Number(number), verdict];
    }),
  );
}

/** A program of a few lines, where a script looks for one. Gives its path. */
export async function writeProgram(folder: string, name: string, lines: readonly string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, ["#!/bin/sh", ...lines, ""].join("\n"));
  await chmod(path, 0o755);
  return path;
}

/** The built command line as one file, as it is installed; on a computer with this policy, where one is given. */
export function writeDeskPair(folder: string, policy?: object): Promise<string> {
  const command = [process.execPath, program];
  const whole = policy === undefined ? command : underPolicy(policyFolder(policy), command);
  const words = whole.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`);
  return writeProgram(folder, policy === undefined ? "deskpair" : "deskpair-managed", [`exec ${words.join(" ")} "$@"`]);
}

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a script of the recipes with `sh`, and nothing of our own environment but the path. */
export async function runScript(
  path: string,
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<Ended> {
  return run("sh", [join(recipes, path), ...args], environment);
}

export async function run(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = spawn(command, [...args], {
    env: { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const [code] = await once(child, "close");
  return { code: typeof code === "number" ? code : null, ...texts };
}

export const withFirst = (folder: string): string => `${folder}${delimiter}${process.env["PATH"] ?? ""}`;

/** A port on which nobody listens. */
export const nobodysPort = "1";

/** Whether a program that reads or runs recipes is there; where it is not, a test says which package brings it. */
export const isInstalled = (name: string): boolean => spawnSync(name, ["--version"]).error === undefined;

/** Everything that a run has said must be free of what the workstation keeps secret. */
export const tellsSecret = (place: Place, { stdout, stderr }: Ended): boolean =>
  [place.simulator.clientSecret, ...place.gateway.secrets].some((secret) => (stdout + stderr).includes(secret));
