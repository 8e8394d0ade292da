import { mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPlace } from "../cli/command-line.ts";
import { whyNoPolicy } from "../cli/machine-policy.ts";
import { isInstalled, nobodysPort, recipes, run, tellsSecret, writeDeskPair, writeProgram } from "./recipes.ts";

test("the role: would pair, paired now, paired already, nobody there, no agent, forbidden, no DeskPair", async () => {
  expect(isInstalled("ansible-playbook"), "ansible-core is not installed, and apt could not install it").toBe(true);
  const place = await createPlace();
  const { folder } = place;
  const deskpair = await writeDeskPair(folder);
  // Where nothing can be run under a policy, a program that ends as DeskPair would end stands for it.
  const forbidden =
    whyNoPolicy() === null
      ? await writeDeskPair(folder, { SignInModesAllowed: ["self-service"] })
      : await writeProgram(folder, "forbidden", [
          `echo '{"ok":false,"error":{"code":"blocked-by-policy"}}'`,
          "exit 11",
        ]);
  const host = (user: string, more: Readonly<Record<string, unknown>> = {}, variables: object = {}) => ({
    deskpair_pair_user: `${user}@example.com`,
    deskpair_pair_program: deskpair,
    deskpair_pair_session_check: ["true"],
    dry: false,
    variables: { DESKPAIR_DATA_DIR: join(folder, user), ...variables },
    ...more,
  });
  const hosts = {
    unpaired: host("ada", { dry: true }),
    first: host("grace"),
    unattended: host("alan", { deskpair_pair_session_check: ["false"] }),
    agentless: host("person16", {}, { DESKPAIR_AGENT_PORT: nobodysPort }),
    forbidden: host("hedy", { deskpair_pair_program: forbidden }),
    bare: host("margaret", { deskpair_pair_program: join(folder, "elsewhere") }),
    nameless: { ...host("ada"), deskpair_pair_user: undefined },
  };
  const inventory = { all: { hosts } };
  const play = (pattern: string, more: object = {}) => ({
    hosts: pattern,
    connection: "local",
    gather_facts: true,
    gather_subset: ["!all", "!min", "platform"],
    check_mode: "{{ dry }}",
    environment: "{{ variables }}",
    vars: {
      // Where the tests run there may be no sudo, and the account is the one that runs them.
      ansible_become: process.getuid?.() === 0,
      ansible_become_method: "su",
      deskpair_pair_account: userInfo().username,
    },
    roles: ["deskpair_pair"],
    ...more,
  });
  await mkdir(join(folder, "home"));
  await writeFile(join(folder, "inventory.json"), JSON.stringify(inventory));
  await writeFile(join(folder, "play.json"), JSON.stringify([play("all"), play("first", { gather_facts: false })]));
  const ended = await run("ansible-playbook", ["-i", join(folder, "inventory.json"), join(folder, "play.json")], {
    ...place.environment,
    HOME: join(folder, "home"),
    ANSIBLE_ROLES_PATH: join(recipes, "ansible/roles"),
    ANSIBLE_PIPELINING: "1",
    ANSIBLE_FORKS: "7",
    ANSIBLE_LOCALHOST_WARNING: "0",
    ANSIBLE_NOCOLOR: "1",
  });
  const lines = [...ended.stdout.matchAll(/"msg": "deskpair-fleet: (.*)"/g)].map(([, line]) => line);
  const recap = (name: string) =>
    new RegExp(`^${name} .* changed=(\\d).* failed=(\\d)`, "m")
      .exec(ended.stdout.split("PLAY RECAP")[1] ?? "")
      ?.slice(1);
  expect(ended.stdout).toContain("missing required arguments: deskpair_pair_user");
  const { username } = userInfo();
  expect(new Set(lines), ended.stdout).toEqual(
    new Set([
      "Remediate: would be paired",
      "Compliant: paired now",
      "Compliant: paired already",
      `Retry later: ${username} is not logged on`,
      "Retry later: 30 agent-missing",
      "Needs a person: 11 blocked-by-policy",
      `Needs a person: 2 [Errno 2] No such file or directory: b'${join(folder, "elsewhere")}'`,
    ]),
  );
  expect({
    unpaired: recap("unpaired"),
    first: recap("first"),
    unattended: recap("unattended"),
    agentless: recap("agentless"),
    forbidden: recap("forbidden"),
    bare: recap("bare"),
    nameless: recap("nameless"),
  }).toEqual({
    unpaired: ["1", "0"],
    first: ["1", "0"],
    unattended: ["0", "0"],
    agentless: ["0", "0"],
    forbidden: ["0", "1"],
    bare: ["0", "1"],
    nameless: ["0", "1"],
  });
  // One pairing, for the one host that asked for it.
  expect(place.writes().filter((write) => write.includes("create"))).toHaveLength(1);
  expect(tellsSecret(place, ended)).toBe(false);
});
