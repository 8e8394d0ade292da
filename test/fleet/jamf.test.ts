import { readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createPlace, type Place } from "../cli/command-line.ts";
import { whyNoPolicy } from "../cli/machine-policy.ts";
import {
  type Ended,
  isInstalled,
  nobodysPort,
  readTable,
  recipes,
  run,
  runScript,
  tellsSecret,
  withFirst,
  writeDeskPair,
  writeProgram,
} from "./recipes.ts";

const attribute = "jamf/extension-attribute.sh";
const policy = "jamf/pair.sh";

/** As in an organisation whose e-mail addresses are made from account names, for the one account that a test has. */
const whoIs = (place: Place, user = "ada@example.com") => writeProgram(place.folder, "who", [`echo ${user}`]);

async function environmentOf(place: Place): Promise<Readonly<Record<string, string>>> {
  return {
    ...place.environment,
    DESKPAIR_PROGRAM: await writeDeskPair(place.folder),
    DESKPAIR_USER_FROM: `command:${await whoIs(place)}`,
    DESKPAIR_ACCOUNT: userInfo().username,
  };
}

const said = (stdout: string, code = 0): Ended => ({ code, stdout: `${stdout}\n`, stderr: "" });

test("not paired, paired, paired already", async () => {
  const place = await createPlace();
  const environment = await environmentOf(place);
  expect(await runScript(attribute, environment)).toEqual(said("<result>Remediate</result>"));
  expect(place.writes()).toEqual([]);

  const paired = await runScript(policy, environment);
  expect(paired).toEqual(said("deskpair-fleet: Compliant: paired now"));
  expect(tellsSecret(place, paired)).toBe(false);
  expect(place.simulator.world.devicesOf("5eed0000-0000-4000-8000-000000000001")).toMatchObject([{ status: "ACTIVE" }]);

  const writes = place.writes().length;
  expect(await runScript(attribute, environment)).toEqual(said("<result>Compliant</result>"));
  expect(await runScript(policy, environment)).toEqual(said("deskpair-fleet: Compliant: paired already"));
  expect(place.writes()).toHaveLength(writes);
});

test("a device that was removed in PingOne is paired again", async () => {
  const place = await createPlace();
  const environment = await environmentOf(place);
  await runScript(policy, environment);
  const [device] = place.simulator.world.devicesOf("5eed0000-0000-4000-8000-000000000001");
  await place.run(["devices", "remove", "--user", "ada@example.com", "--device", device?.id ?? "", "--yes"]);
  expect(await runScript(attribute, environment)).toEqual(said("<result>Remediate</result>"));
  expect(await runScript(policy, environment)).toEqual(said("deskpair-fleet: Compliant: paired now"));
});

const noPolicy = whyNoPolicy();
if (noPolicy !== null) console.warn(`Not run: the recipes under a machine policy. ${noPolicy}`);

test.skipIf(noPolicy !== null)("a policy that forbids it needs a person, and PingOne hears nothing", async () => {
  const place = await createPlace();
  const managed = await writeDeskPair(place.folder, { SignInModesAllowed: ["self-service"] });
  const environment = { ...(await environmentOf(place)), DESKPAIR_PROGRAM: managed };
  expect(await runScript(attribute, environment)).toEqual(
    said("<result>Needs a person: 11 blocked-by-policy</result>"),
  );
  expect(await runScript(policy, environment)).toEqual(said("deskpair-fleet: Needs a person: 11 blocked-by-policy", 2));
  expect(place.simulator.world.log).toEqual([]);
});

test("no agent: retry later, with nothing left behind", async () => {
  const place = await createPlace();
  const environment = { ...(await environmentOf(place)), DESKPAIR_AGENT_PORT: nobodysPort };
  expect(await runScript(policy, environment)).toEqual(said("deskpair-fleet: Retry later: 30 agent-missing", 75));
  expect(place.writes()).toEqual([]);
});

test("a user whom PingOne does not know needs a person", async () => {
  const place = await createPlace();
  const environment = await environmentOf(place);
  await whoIs(place, "nobody@example.com");
  expect(await runScript(attribute, environment)).toEqual(said("<result>Needs a person: 40 user-not-found</result>"));
  expect(await runScript(policy, environment)).toEqual(said("deskpair-fleet: Needs a person: 40 user-not-found", 2));
});

test("without a name for PingOne, and without DeskPair, nothing is asked", async () => {
  const place = await createPlace();
  const environment = await environmentOf(place);
  for (const from of ["command:/bin/false", "no-such-choice", "domain:", `command:${await whoIs(place, "--help")}`]) {
    const { stdout, code } = await runScript(policy, { ...environment, DESKPAIR_USER_FROM: from });
    expect({ stdout, code }).toEqual({
      stdout: `deskpair-fleet: Needs a person: no PingOne user for this account (from ${from})\n`,
      code: 2,
    });
  }
  const missing = await runScript(attribute, { ...environment, DESKPAIR_PROGRAM: join(place.folder, "elsewhere") });
  expect(missing).toEqual(said("<result>Needs a person: deskpair is not installed</result>"));
  expect(place.simulator.world.log).toEqual([]);
});

describe("on a Mac, whose programs are stand-ins here", () => {
  async function mac(place: Place, owner: string): Promise<Readonly<Record<string, string>>> {
    const folder = place.folder;
    const calls = join(folder, "calls");
    await writeProgram(folder, "stat", [`[ "$*" = "-f %Su /dev/console" ] && echo ${owner}`]);
    await writeProgram(folder, "id", ['case $1 in -un) echo root ;; -u) [ "$2" = ada ] && echo 501 ;; esac']);
    await writeProgram(folder, "launchctl", [`echo "launchctl $*" >>"${calls}"`, "shift 2", 'exec "$@"']);
    await writeProgram(folder, "sudo", ["shift 3", 'exec "$@"']);
    await writeProgram(folder, "defaults", [
      '[ "$*" = "read com.jamf.connect.state UserLoginName" ] && echo ada@example.com',
    ]);
    await writeProgram(folder, "dscl", [
      '[ "$*" = ". -read /Users/ada NetworkUser" ] && echo "dsAttrTypeStandard:NetworkUser: ada@example.com"',
    ]);
    const deskpair = await writeDeskPair(folder);
    return { ...place.environment, PATH: withFirst(folder), DESKPAIR_PROGRAM: deskpair };
  }

  test("everything runs in the session of the user at the screen", async () => {
    const place = await createPlace();
    const environment = await mac(place, "ada");
    expect(await runScript(policy, environment)).toEqual(said("deskpair-fleet: Compliant: paired now"));
    const session = "launchctl asuser 501 sudo -H -u ada";
    expect((await readFile(join(place.folder, "calls"), "utf8")).trim().split("\n")).toEqual([
      `${session} defaults read com.jamf.connect.state UserLoginName`,
      `${session} ${environment["DESKPAIR_PROGRAM"]} pair desktop --user ada@example.com --output json --non-interactive`,
    ]);
  });

  test("the user comes from where parameter 4 says", async () => {
    const place = await createPlace();
    const environment = await mac(place, "ada");
    const paired = await runScript(policy, environment, ["/", "mac", "ada", "domain:example.com"]);
    expect(paired).toEqual(said("deskpair-fleet: Compliant: paired now"));
    const again = await runScript(policy, environment, ["/", "mac", "ada", "network-user"]);
    expect(again).toEqual(said("deskpair-fleet: Compliant: paired already"));
  });

  test.each(["root", "loginwindow", "_mbsetupuser"])("with %s at the screen nobody is logged on", async (owner) => {
    const place = await createPlace();
    const environment = await mac(place, owner);
    expect(await runScript(attribute, environment)).toEqual(said("<result>Retry later: nobody is logged on</result>"));
    expect(await runScript(policy, environment)).toEqual(said("deskpair-fleet: Retry later: nobody is logged on", 75));
    expect(place.simulator.world.log).toEqual([]);
  });
});

test("every exit number is told as the table says; a program that ends with it stands for DeskPair", async () => {
  const place = await createPlace();
  const environment = await environmentOf(place);
  const expected = { compliant: 0, "retry later": 75, "needs a person": 2 } as const;
  const table = [...readTable(), [1, "needs a person"] as const, [137, "needs a person"] as const];
  expect(table.length).toBeGreaterThan(20);
  for (const [number, verdict] of table) {
    const reply =
      number === 0
        ? '{"ok":true,"changed":false,"dryRun":true,"paired":true}'
        : '{"ok":false,"error":{"code":"blocked-by-policy","message":"No."},"left":"nothing"}';
    await writeProgram(place.folder, "deskpair", [`echo '${reply}'`, `exit ${number}`]);
    const [detected, paired] = await Promise.all([runScript(attribute, environment), runScript(policy, environment)]);
    const words = verdict.charAt(0).toUpperCase() + verdict.slice(1);
    const detail = number === 0 ? "" : `: ${number} blocked-by-policy`;
    expect(detected).toEqual(said(`<result>${words}${detail}</result>`));
    expect(paired.code, `exit ${number}`).toBe(expected[verdict]);
    expect(paired.stdout).toContain(`deskpair-fleet: ${words}: `);
  }
});

test("a run that takes too long is asked to stop, and tried again later", async () => {
  const place = await createPlace();
  const environment = { ...(await environmentOf(place)), DESKPAIR_SECONDS: "1" };
  const stopped = join(place.folder, "stopped");
  await writeProgram(place.folder, "deskpair", [
    `trap 'echo asked >"${stopped}"; kill $!; exit 130' TERM`,
    "sleep 60 & wait $!",
  ]);
  const late = await runScript(policy, environment);
  expect(late).toEqual(said("deskpair-fleet: Retry later: 124", 75));
  expect(await readFile(stopped, "utf8")).toBe("asked\n");
});

test("shellcheck has nothing to say", async () => {
  expect(isInstalled("shellcheck"), "shellcheck is not installed, and apt could not install it").toBe(true);
  const files = [attribute, policy].map((path) => join(recipes, path));
  expect(await run("shellcheck", ["--severity=style", ...files], {})).toEqual({ code: 0, stdout: "", stderr: "" });
});
