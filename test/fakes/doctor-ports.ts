import type { DoctorPorts } from "../../src/core/doctor/ports.ts";

/** A computer on which everything that the doctor asks about is in order, without looking. */
export const soundComputer: DoctorPorts = {
  reach: async () => ({ ok: true, address: "192.0.2.7" }),
  route: async () => ({ ok: true, ways: [{ via: "direct" }], from: "no proxy is set", note: null }),
  brokenAuthorityFiles: async () => [],
  connectTls: async () => ({
    ok: true,
    protocol: "TLSv1.3",
    subject: "*.pingone.eu",
    issuer: "Example Authority",
    validUntil: Date.parse("2027-03-01T00:00:00Z"),
    authority: "public",
  }),
  agentInstallation: async () => ({
    told: true,
    installed: [{ name: "PingID Desktop", version: "1.0.0", path: null }],
    running: null,
  }),
  dataFolder: async () => ({ path: "/data", exists: true, writable: true, openToOthers: false, freeBytes: 1e9 }),
  log: async () => ({ folder: "/logs", managed: false, problem: null }),
};
