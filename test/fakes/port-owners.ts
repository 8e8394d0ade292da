import type { Listening, ListeningProcess, PortSurvey } from "../../src/core/ports.ts";

/** Ourselves, on a made-up computer. */
export const asking = { processId: 100, userId: 1000 } as const;
export const me = { id: 1000, name: "ada" } as const;
export const mallory = { id: 1001, name: "mallory" } as const;

const folder = 0o040755;

/** A program that every platform's rule lets through; `more` spoils it. */
export const agentProcess = (more: Partial<ListeningProcess> = {}): ListeningProcess => ({
  id: 4711,
  started: "123456",
  path: "/opt/ping/agent",
  accounts: [me],
  file: {
    state: "on-disk",
    chain: [
      { path: "/opt/ping/agent", ownerId: 0, groupId: 0, mode: 0o100755 },
      { path: "/opt/ping", ownerId: 0, groupId: 0, mode: folder },
      { path: "/opt", ownerId: 0, groupId: 0, mode: folder },
      { path: "/", ownerId: 0, groupId: 0, mode: folder },
    ],
  },
  signature: { publisher: "Ping Identity Corporation" },
  ...more,
});

export const listening = (more: Partial<Listening> = {}): Listening => ({
  address: "127.0.0.1",
  socketId: "5000",
  account: me,
  processes: [agentProcess()],
  complete: true,
  ...more,
});

export const surveyOf = (...sockets: readonly Listening[]): Extract<PortSurvey, { told: true }> => ({
  told: true,
  asking,
  listening: sockets,
});
