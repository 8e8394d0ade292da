import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { judgeAgent, type TrustRules } from "../../src/core/agent/trust.ts";
import { pingIdentity } from "../../src/core/agent/trust-settings.ts";
import { createSurveyPort, ownerOf } from "../../src/node/port-owner.ts";
import { readSocketTable } from "../../src/node/port-owner-linux.ts";
import { copyOfNode, squatter } from "./squatter.ts";
import { closedPort } from "./wire-server.ts";

const survey = createSurveyPort();
const linux: TrustRules = { publishers: pingIdentity, platform: "linux", simulated: false };
const me = process.geteuid?.() ?? -1;
const nobody = 65_534;

async function told(port: number) {
  const answer = await survey(port);
  if (!answer.told) throw new Error(answer.problem);
  return answer;
}
const doubtOn = async (port: number, asUser = me): Promise<string | null> => {
  const answer = await told(port);
  const judged = judgeAgent({ ...answer, asking: { ...answer.asking, userId: asUser } }, linux);
  if (judged.verdict === "nobody") throw new Error("Nobody listens.");
  return judged.verdict === "trusted" ? null : judged.doubt.problem;
};

describe("who listens", () => {
  test("a program of this user: process, start, file, account", async () => {
    const agent = await squatter();
    const { asking, listening } = await told(agent.port);
    expect(asking).toEqual({ processId: process.pid, userId: me });
    const account = { id: me, name: userInfo().username };
    expect(listening).toMatchObject([
      {
        address: "127.0.0.1",
        account,
        complete: true,
        processes: [{ id: agent.processId, path: process.execPath, accounts: [account], signature: "unknown" }],
      },
    ]);
    const [process_] = listening[0]?.processes ?? [];
    expect(process_?.started).toMatch(/^\d+$/);
    const chain = process_?.file.state === "on-disk" ? process_.file.chain : [];
    expect(chain.at(0)?.path).toBe(process.execPath);
    expect(chain.at(-1)?.path).toBe("/");
    expect(await ownerOf(agent.port)).toEqual({
      processId: agent.processId,
      path: process.execPath,
      account: account.name,
    });
  });

  test("nobody", async () => {
    const port = await closedPort();
    expect((await told(port)).listening).toEqual([]);
    expect(await ownerOf(port)).toBeNull();
  });

  test("what is no port is not looked for", async () => {
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) expect(await survey(port)).toMatchObject({ told: false });
  });

  test("each address as it is bound, and nobody who has another port", async () => {
    const four = await squatter({ host: "0.0.0.0" });
    const six = await squatter({ host: "::1", port: four.port });
    expect((await told(four.port)).listening.map(({ address, processes }) => [address, processes[0]?.id])).toEqual([
      ["0.0.0.0", four.processId],
      ["::1", six.processId],
    ]);
    const both = await squatter({ host: "::" });
    expect((await told(both.port)).listening.map(({ address }) => address)).toEqual(["::"]);
  });

  test("among so many that the kernel tells them in several parts, with connections behind them", async () => {
    const servers = Array.from({ length: 120 }, (_, index) =>
      createServer().listen(0, index % 2 === 0 ? "127.0.0.1" : "::1"),
    );
    onTestFinished(() => servers.forEach((server) => void server.close()));
    await Promise.all(servers.map((server) => once(server, "listening")));
    const places = servers.map((server) => server.address()).filter((place) => typeof place === "object");
    const client = connect({ host: "::1", port: places[1]?.port ?? 0 });
    onTestFinished(() => void client.destroy());
    await once(client, "connect");
    for (const place of places) {
      const { listening } = await told(place?.port ?? 0);
      // The other address may have the same number.
      expect(listening.map(({ address, processes }) => [address, processes[0]?.id])).toContainEqual([
        place?.address,
        process.pid,
      ]);
    }
  });

  test("a successor has another start and another socket", async () => {
    const first = await squatter();
    const before = await told(first.port);
    await first.kill();
    const second = await squatter({ port: first.port });
    const after = await told(second.port);
    expect(after.listening[0]?.socketId).not.toBe(before.listening[0]?.socketId);
    expect(after.listening[0]?.processes[0]?.id).not.toBe(before.listening[0]?.processes[0]?.id);
  });
});

describe("who is trusted", () => {
  test("a program of this user whose file nobody else may change", async () => {
    const { path } = copyOfNode();
    expect(await doubtOn((await squatter({ program: path })).port)).toBeNull();
  });

  test("not one whose file, or whose folder, others may write to", async () => {
    const { path, folder } = copyOfNode();
    const agent = await squatter({ program: path });
    chmodSync(path, 0o757);
    expect(await doubtOn(agent.port)).toBe(`others may change ${path}`);
    chmodSync(path, 0o755);
    chmodSync(folder, 0o777);
    expect(await doubtOn(agent.port)).toBe(`others may change ${folder}`);
    // As /tmp is: they may add, and not replace.
    chmodSync(folder, 0o1777);
    expect(await doubtOn(agent.port)).toBeNull();
  });

  test("not one whose file is gone", async () => {
    const { path } = copyOfNode();
    const agent = await squatter({ program: path });
    rmSync(path);
    expect(await doubtOn(agent.port)).toBe("its file was removed or replaced after it started");
    expect(await ownerOf(agent.port)).toMatchObject({ path });
  });

  test("not one of another user", async () => {
    // Without root nobody can start one: then the look-up is somebody else's.
    const agent = await squatter(me === 0 ? { userId: nobody } : {});
    expect(await doubtOn(agent.port, me === 0 ? me : nobody)).toBe("it is run by another user");
  });

  test("two sockets on one port are two who could be called", async () => {
    const first = await squatter({ reusePort: true });
    const { path } = copyOfNode();
    const second = await squatter({ reusePort: true, port: first.port, program: path });
    const { listening } = await told(first.port);
    expect(new Set(listening.flatMap(({ processes }) => processes.map(({ id }) => id)))).toEqual(
      new Set([first.processId, second.processId]),
    );
    expect(new Set(listening.map(({ socketId }) => socketId)).size).toBe(2);
    expect(await doubtOn(first.port)).toBeNull();
    chmodSync(path, 0o757);
    expect(await doubtOn(first.port)).toBe(`others may change ${path}`);
  });

  test("a socket that was handed on is held by both", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { path } = copyOfNode();
    const heir = await squatter({ inherited: server, program: path });
    const { listening } = await told(port);
    expect(listening).toHaveLength(1);
    expect(new Set(listening[0]?.processes.map(({ id }) => id))).toEqual(new Set([process.pid, heir.processId]));
    chmodSync(path, 0o757);
    expect(await doubtOn(port)).toBe(`others may change ${path}`);
  });
});

describe("a second look, which remembers the first one", () => {
  const shared = async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const holders = async () => (await told(port)).listening.flatMap(({ processes }) => processes.map(({ id }) => id));
    return { server, port, holders };
  };

  test("sees a process that ran before, and has been handed the socket since; and that it is gone", async () => {
    const stranger = await squatter();
    const { server, holders } = await shared();
    expect(await holders()).toEqual([process.pid]);
    await stranger.take(server);
    expect(new Set(await holders())).toEqual(new Set([process.pid, stranger.processId]));
    await stranger.kill();
    expect(await holders()).toEqual([process.pid]);
  });

  test("sees a process that has inherited the socket since", async () => {
    const { server, holders } = await shared();
    expect(await holders()).toEqual([process.pid]);
    const socket: unknown = Reflect.get(Object(Reflect.get(server, "_handle")), "fd");
    if (typeof socket !== "number") throw new Error("Node does not tell the number of the socket.");
    const heir = spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", socket] });
    onTestFinished(() => void heir.kill("SIGKILL"));
    await once(heir, "spawn");
    expect(new Set(await holders())).toEqual(new Set([process.pid, heir.pid]));
  });

  test("sees another socket of the same process on the same port", async () => {
    const { server, port } = await shared();
    const [before] = (await told(port)).listening;
    await new Promise((resolve) => server.close(resolve));
    expect((await told(port)).listening).toEqual([]);
    await once(server.listen(port, "127.0.0.1"), "listening");
    const [after] = (await told(port)).listening;
    expect(after?.socketId).not.toBe(before?.socketId);
    expect(after?.processes).toEqual(before?.processes);
  });
});

describe("walls of the kernel", () => {
  /** For a process that may less than this one. */
  const lookFrom = (port: number): string => `
    import { createSurveyPort } from ${JSON.stringify(join(import.meta.dirname, "../../src/node/port-owner.ts"))};
    console.log(JSON.stringify(await createSurveyPort()(${port})));`;

  test("another user is told whose the socket is, and not which program has it", async () => {
    const agent = await squatter();
    const as = me === 0 ? { uid: nobody, gid: nobody } : {};
    const run = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", lookFrom(agent.port)], {
      ...as,
      cwd: "/",
    });
    const seen = JSON.parse(run.stdout);
    const processes = me === 0 ? [] : [{ id: agent.processId }];
    expect(seen).toMatchObject({ told: true, listening: [{ account: { id: me }, processes, complete: me !== 0 }] });
    const judged = judgeAgent(seen, linux);
    expect(judged.verdict).toBe(me === 0 ? "doubtful" : "trusted");
  });

  const withoutTrace = ["setpriv", "--bounding-set=-sys_ptrace"] as const;
  const canDrop = me === 0 && spawnSync(withoutTrace[0], [withoutTrace[1], "true"]).status === 0;
  if (!canDrop)
    console.warn("Not run: root that may not look into processes. It needs root and setpriv of util-linux.");
  test.skipIf(!canDrop)(
    "root that may list a process's files and not read them is not told that all are known",
    async () => {
      const agent = await squatter({ userId: nobody });
      const [file, ...rest] = [...withoutTrace, process.execPath, "--input-type=module", "-e", lookFrom(agent.port)];
      const { stdout } = await promisify(execFile)(file, rest, { cwd: "/" });
      const seen: unknown = JSON.parse(stdout);
      expect(seen).toMatchObject({
        told: true,
        listening: [{ account: { id: nobody }, processes: [], complete: false }],
      });
    },
  );

  test("a program with files of its own, as in a container, is told from one of ours", async () => {
    const { path, folder } = copyOfNode();
    // The same path, and another file behind it, for this process alone.
    const own = `mount -t tmpfs none ${folder} && cat ${process.execPath} > ${path} && chmod 755 ${path} && exec "$@"`;
    const user = me === 0 ? [] : ["--user", "--map-root-user"];
    const agent = await squatter({ program: path, through: ["unshare", ...user, "--mount", "sh", "-c", own, "sh"] });
    expect(await doubtOn(agent.port)).toBe("it runs in a container or a sandbox, with files of its own");
  });

  test("a program in a network of its own has nothing to do with our port", async () => {
    const port = await closedPort();
    const user = me === 0 ? [] : ["--user", "--map-root-user"];
    const up = `ip link set lo up 2>/dev/null; exec "$@"`;
    const apart = await squatter({
      port,
      host: "0.0.0.0",
      through: ["unshare", ...user, "--net", "sh", "-c", up, "sh"],
    });
    expect(apart.port).toBe(port);
    expect((await told(port)).listening).toEqual([]);
  });
});

test("the kernel's table: IPv4 and IPv6, words turned round, listening sockets only", () => {
  const four = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:24C2 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 81234 1 0000000000000000 100 0 0 10 0
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21111 1 0000000000000000 100 0 0 10 0
   2: 0100007F:24C2 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 81299 1 0000000000000000 20 4 30 10 -1
`;
  expect(readSocketTable(four)).toEqual([
    { address: "127.0.0.1", port: 9410, userId: 1000, inode: "81234" },
    { address: "0.0.0.0", port: 22, userId: 0, inode: "21111" },
  ]);
  const rest = "00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 7 1 0 100 0 0 10 0";
  const six = (address: string) =>
    readSocketTable(`  0: ${address}:24C2 00000000000000000000000000000000${rest.slice(8)}`);
  expect(six("00000000000000000000000000000000")[0]?.address).toBe("::");
  expect(six("00000000000000000000000001000000")[0]?.address).toBe("::1");
  expect(six("0000000000000000FFFF00000100007F")[0]?.address).toBe("::ffff:127.0.0.1");
  expect(six("B80D0120000000000000000001000000")[0]?.address).toBe("2001:0db8:0000:0000:0000:0000:0000:0001");
  for (const rubbish of ["", "\n\n", "0: x", "  0: 0100007F 0A"]) expect(readSocketTable(rubbish)).toEqual([]);
});
