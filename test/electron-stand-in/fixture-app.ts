import { join } from "node:path";
import type { ElectronApplication } from "@playwright/test";
import type { StandIn } from "./electron.ts";
import { type LaunchOptions, launchApp } from "./launch.ts";
import type { RecordEntry } from "./record.ts";

/** The small app in `fixture/`, in the stand-in whatever else this machine could run. */
export const launchFixture = (options: Omit<LaunchOptions, "app" | "host"> = {}): Promise<ElectronApplication> =>
  launchApp({ ...options, app: join(import.meta.dirname, "fixture"), host: "stand-in" });

/** What the fixture saw of one event, oldest first: its first argument and what follows. */
export const seen = (app: ElectronApplication, name: string): Promise<unknown[][]> =>
  app.evaluate(
    (_electron, wanted) =>
      (globalThis as unknown as { events: unknown[][] }).events.filter(([event]) => event === wanted),
    name,
  );

/** The arguments of every recorded call of this name. */
export const recorded = (app: ElectronApplication, api: string): Promise<unknown[][]> =>
  app.evaluate(
    (electron, wanted) =>
      (electron as unknown as { __record: RecordEntry[] }).__record
        .filter((entry) => entry.api === wanted)
        .map(({ args }) => [...args]),
    api,
  );

/** The stand-in's own exports besides Electron's. */
export type StandInExtras = Pick<StandIn, "__record" | "__answers" | "__notifications">;

/** What the fixture's preload puts into the page. */
export type FixtureBridge = {
  echo(value: unknown): Promise<unknown>;
  fail(): Promise<never>;
  uncloneable(): Promise<never>;
  missing(): Promise<never>;
  caller(): Promise<unknown>;
  secret(text: string): Promise<{ tag: string; result: string; shouldReEncrypt: boolean }>;
  slow(): Promise<string>;
  count(by: number, onCounted: (value: number) => void): void;
  onNews(listener: (...news: unknown[]) => void): () => void;
  sync(text: string): string;
  failSync(): never;
  readonly platform: string;
  readonly nested: { readonly list: readonly unknown[] };
};

declare global {
  interface Window {
    readonly bridge: FixtureBridge;
  }
}
