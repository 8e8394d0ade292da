import { Command, InvalidArgumentError, Option } from "commander";
import type { Order } from "./program.ts";

/** What can be typed: commands, options, and their help. */

export const outputForms = ["text", "json", "ndjson"] as const;
export const signInWays = ["browser", "device-code"] as const;

type Choose = (order: Order) => void;

/** @param choose gets the order that was typed; @param print gets help and version */
export function describeProgram(choose: Choose, print: (text: string) => void): Command {
  const program = new Command("deskpair")
    // Before the commands, which inherit both: nothing is printed and nobody exits in here.
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: print, outputError: () => {} })
    .description("Pairs workstations and security keys with PingOne MFA.")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .configureHelp({ showGlobalOptions: true })
    .addOption(
      new Option("-O, --output <form>", "result on stdout as text, json, or ndjson (one line per change)")
        .choices(outputForms)
        .default("text"),
    )
    .option("-P, --profile <name>", "profile of the configuration file (DESKPAIR_PROFILE)")
    .option("-C, --config <file>", "configuration file (DESKPAIR_CONFIG)")
    .addOption(
      new Option("--sign-in <way>", "sign in as a person for this command only; nothing is kept").choices(signInWays),
    )
    .option("--log-file <file>", "write a log without secrets to this file")
    .addOption(
      new Option("--log-level <level>", "how much to log (default: info)").choices(["debug", "info", "warn", "error"]),
    )
    .option("--no-color", "no colours (also NO_COLOR)")
    .option("--non-interactive", "never ask anything");

  describePair(program, choose);
  describeDevices(program, choose);
  describeAuth(program, choose);
  describeProfiles(program, choose);
  describeConfiguration(program, choose);
  describePairings(program, choose);
  describeDoctor(program, choose);
  describeRehearsals(program, choose);
  return program;
}

const forWhom = "username, email or id of the user (mode self-service: yourself)";

function describePair(program: Command, choose: Choose): void {
  const pair = program.command("pair").description("pair this workstation, or a security key, for a user");
  pair
    .command("desktop")
    .description("pair the PingID Desktop app on this workstation")
    .option("--user <user>", forWhom)
    .option("--policy <id>", "MFA policy (DESKPAIR_POLICY_ID; default: the environment's default policy)")
    .option("--rp-id <domain>", "relying party instead of the policy's (DESKPAIR_RP_ID)")
    .option("--nickname <text>", "name of the device (default: the name of this computer)")
    .option("--force", "pair although the user has PingID Desktop devices already")
    .option("--dry-run", "write nothing; print the requests that would be sent")
    .action((options: Options<never, "user" | "policy" | "rpId" | "nickname"> & { readonly force?: boolean }) =>
      choose({
        name: "pair-desktop",
        user: options.user ?? null,
        policyId: options.policy ?? null,
        relyingPartyId: options.rpId ?? null,
        nickname: options.nickname ?? null,
        force: options.force === true,
        dryRun: options.dryRun === true,
      }),
    );

  pair
    .command("fido2")
    .description("enrol a FIDO2 security key, through libfido2's tools where the configuration allows them")
    .option("--user <user>", forWhom)
    .addOption(
      new Option("--authenticator <kind>", "a security key, or this computer's own authenticator")
        .choices(["key", "platform"])
        .default("key"),
    )
    .option("--policy <id>", "MFA policy (DESKPAIR_POLICY_ID; default: the environment's default policy)")
    .option("--rp-id <domain>", "relying party instead of the policy's (DESKPAIR_RP_ID)")
    .option("--nickname <text>", "name of the key (default: the name that PingOne gives)")
    .option("--dry-run", "write nothing; print the requests that would be sent")
    .action((options: Options<"authenticator", "user" | "policy" | "rpId" | "nickname">) =>
      choose({
        name: "pair-fido2",
        user: options.user ?? null,
        authenticator: options.authenticator === "platform" ? "platform" : "key",
        policyId: options.policy ?? null,
        relyingPartyId: options.rpId ?? null,
        nickname: options.nickname ?? null,
        dryRun: options.dryRun === true,
      }),
    );
}

function describeDevices(program: Command, choose: Choose): void {
  const devices = program.command("devices").description("list, show and remove the MFA devices of a user");
  devices
    .command("list")
    .description("all devices of a user")
    .option("--user <user>", forWhom)
    .action(({ user }: Options<never, "user">) => choose({ name: "devices-list", user: user ?? null }));
  devices
    .command("show")
    .description("one device of a user")
    .option("--user <user>", forWhom)
    .requiredOption("--device <id>", "id of the device")
    .action(({ user, device }: Options<"device", "user">) =>
      choose({ name: "devices-show", user: user ?? null, device }),
    );
  devices
    .command("remove")
    .description("remove a device; one that is gone already counts as removed")
    .option("--user <user>", forWhom)
    .requiredOption("--device <id>", "id of the device")
    .option("--dry-run", "write nothing; print the request that would be sent")
    .option("--yes", "remove it in a production environment, too, without being asked")
    .action(({ user, device, dryRun, yes }: Options<"device", "user"> & { readonly yes?: boolean }) =>
      choose({ name: "devices-remove", user: user ?? null, device, dryRun: dryRun === true, yes: yes === true }),
    );
}

function describePairings(program: Command, choose: Choose): void {
  const pairings = program
    .command("pairings")
    .description("pairings that were interrupted: see them, finish them or undo them");
  pairings
    .command("list")
    .description("the pairings of this computer that are open; asks nobody")
    .option("--all", "those that are over, too, as far as they are kept")
    .action(({ all }: { readonly all?: boolean }) => choose({ name: "pairings-list", all: all === true }));
  pairings
    .command("recover")
    .description("finish what was interrupted, or remove what is left of it")
    .action(() => choose({ name: "pairings-recover" }));
}

function describeAuth(program: Command, choose: Choose): void {
  const auth = program.command("auth").description("sign in and stay signed in, see whether you are, sign out");
  auth
    .command("login")
    .description("sign in with a browser, or keep the secret of a worker application, in the system's key store")
    .option("--device-code", "sign in on another device, with a code")
    .action(({ deviceCode }: { readonly deviceCode?: boolean }) =>
      choose({ name: "auth-login", way: deviceCode === true ? "device-code" : "browser" }),
    );
  auth
    .command("status")
    .description("who is signed in, where, and whether it still holds")
    .option("--offline", "ask nobody; tell what is kept")
    .action(({ offline }: { readonly offline?: boolean }) =>
      choose({ name: "auth-status", offline: offline === true }),
    );
  auth
    .command("logout")
    .description("revoke the sign-in that is kept, and forget it")
    .action(() => choose({ name: "auth-logout" }));
}

function describeProfiles(program: Command, choose: Choose): void {
  const profiles = program.command("profiles").description("the tenants in the configuration file");
  profiles
    .command("list")
    .description("all profiles; the one in use is marked")
    .action(() => choose({ name: "profiles-list" }));
  profiles
    .command("show [name]")
    .description("the settings of a profile (default: the one in use)")
    .action((profile: string | undefined) => choose({ name: "profiles-show", profile: profile ?? null }));
  profiles
    .command("set <name> [key=value...]")
    .description("create or change a profile; key= clears a setting. Never a secret")
    .action((profile: string, changes: readonly string[]) => choose({ name: "profiles-set", profile, changes }));
  profiles
    .command("remove <name>")
    .description("remove a profile, and the sign-in that is kept for it")
    .action((profile: string) => choose({ name: "profiles-remove", profile }));
  profiles
    .command("use <name>")
    .description("use this profile where none is named")
    .action((profile: string) => choose({ name: "profiles-use", profile }));
}

function describeConfiguration(program: Command, choose: Choose): void {
  program
    .command("config")
    .description("the settings in force, and the organisation's policy")
    .command("explain")
    .description("every setting: its value, where it comes from, whether it is locked, and what was ignored")
    .action(() => choose({ name: "config-explain" }));
}

function describeDoctor(program: Command, choose: Choose): void {
  program
    .command("doctor")
    .description("check everything that a pairing needs, and say what is missing; writes nothing")
    .option("--user <user>", "username, email or id of a user to look at, too")
    .action(({ user }: Options<never, "user">) => choose({ name: "doctor", user: user ?? null }));
}

function describeRehearsals(program: Command, choose: Choose): void {
  program
    .command("simulator")
    .description("serve a pretend PingOne and desktop agent on this computer until stopped")
    .option("--port <n>", "port of the pretend PingOne; 0: any free one", port, 9480)
    .option("--agent-port <n>", "port of the pretend agent; 0: any free one", port, 9410)
    .option("--fault <name>", "switch a fault on from the start; a wrong name lists them")
    .action((options: { port: number; agentPort: number; fault?: string }) =>
      choose({
        name: "simulator",
        port: options.port,
        agentPort: options.agentPort,
        fault: options.fault ?? null,
      }),
    );
  program
    .command("demo")
    .description("pair a pretend workstation from beginning to end, in the terminal; needs no configuration")
    .option("--fido2", "pair a pretend security key instead")
    .option("--fault <name>", "let something go wrong; a wrong name lists what can")
    .action(({ fido2, fault }: Options<never, "fault"> & { readonly fido2?: boolean }) =>
      choose({ name: "demo", kind: fido2 === true ? "fido2" : "desktop", fault: fault ?? null }),
    );
}

/** What commander hands over: it has seen to it that the required ones are there. */
type Options<Required extends string, Optional extends string = never> = Readonly<
  Record<Required, string> & Partial<Record<Optional, string>> & { dryRun?: boolean }
>;

function port(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= 65_535)) throw new InvalidArgumentError("It must be a number from 0 to 65535.");
  return value;
}
