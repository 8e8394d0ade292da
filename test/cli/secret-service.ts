import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const needed = ["dbus-run-session", "gnome-keyring-daemon"];

/** The programs of a secret service that this machine lacks. */
export const missing = needed.filter((name) => !existsSync(join("/usr/bin", name)));
export const hasSecretService = process.platform === "linux" && missing.length === 0;

/** Runs a script beside an unlocked secret service of its own; gives every line that it prints on stdout, parsed. */
export function inSession(
  script: string,
  environment: Readonly<Record<string, string>>,
  stdin: string,
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const unlocked = `printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null\n${script}`;
    const session = spawn("/usr/bin/dbus-run-session", ["--", "/bin/sh", "-c", unlocked], { env: environment });
    onTestFinished(() => void session.kill("SIGKILL"));
    let printed = "";
    session.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
    session.once("error", reject);
    session.once("close", () =>
      resolve(
        printed
          .trimEnd()
          .split("\n")
          .map((line): unknown => JSON.parse(line)),
      ),
    );
    session.stdin.end(stdin);
  });
}
