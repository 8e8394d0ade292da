import * as z from "zod/mini";
import type { Outcome } from "../contract/errors.ts";
import {
  defaultProfileSettings,
  defaultWindowSettings,
  profileSettingsSchema,
  type WindowSettings,
  windowSettingsSchema,
} from "../contract/settings.ts";
import type { Files, Ports } from "./ports.ts";
import { loadProfiles, saveSettingsOf } from "./profiles/store.ts";

/** What the window remembers between two starts: how it looks, and the profile in use. */
export type Remembered = {
  readonly windowSettings: WindowSettings;
  readonly profile: string | null;
  /** Profiles with which somebody has signed in and seen what they may do; it is not shown again until they change. */
  readonly proven: readonly string[];
};

/** Versioned, so that another version can be told from a broken file. */
export const settingsFile = "settings.json";

const fileSchema = z.strictObject({
  version: z.literal(2),
  profile: z.nullable(z.string()),
  proven: z.array(z.string()),
  windowSettings: z.partial(windowSettingsSchema),
});

/** Version 1 held the one connection that there was; it is now a profile in `config.json`. */
const firstSchema = z.strictObject({
  version: z.literal(1),
  settings: z.partial(
    z.extend(
      z.pick(profileSettingsSchema, {
        region: true,
        apiUrl: true,
        authUrl: true,
        environmentId: true,
        clientId: true,
        agentPort: true,
        policyId: true,
        relyingPartyId: true,
        enrolmentPageUrl: true,
      }),
      z.pick(windowSettingsSchema, { theme: true, language: true }).shape,
    ),
  ),
});

/** The name that the connection of version 1 gets. */
const migratedName = "PingOne";

type Store = Pick<Ports, "files" | "configuration" | "log">;

/**
 * What was saved, or the defaults when nothing was. A file that cannot be understood is set aside, never overwritten, so
 * that nothing in it is lost.
 */
export async function loadSettings(ports: Store): Promise<Remembered> {
  const nothing: Remembered = { windowSettings: defaultWindowSettings, profile: null, proven: [] };
  const text = await ports.files.read(settingsFile);
  if (!text.ok) {
    ports.log("warn", "settings.not-read", { code: text.error.code });
    return nothing;
  }
  if (text.value === null) return nothing;
  const json = parseJson(text.value);
  const saved = fileSchema.safeParse(json);
  if (saved.success) {
    const { windowSettings, profile, proven } = saved.data;
    return { windowSettings: withDefaults(windowSettings), profile, proven };
  }
  const first = firstSchema.safeParse(json);
  if (first.success) return migrate(ports, first.data.settings);
  ports.log("warn", "settings.set-aside", { problem: "the settings file is broken" });
  await ports.files.setAside(settingsFile);
  return nothing;
}

/** What the window has saved, for those who only look: nothing is migrated, and nothing is set aside. */
export async function savedWindowSettings(files: Pick<Files, "read">): Promise<Partial<WindowSettings>> {
  const text = await files.read(settingsFile);
  const saved = fileSchema.safeParse(text.ok && text.value !== null ? parseJson(text.value) : undefined);
  return saved.success ? withDefaults(saved.data.windowSettings) : {};
}

export function saveSettings(ports: Pick<Ports, "files">, remembered: Remembered): Promise<Outcome<null>> {
  return ports.files.replace(settingsFile, `${JSON.stringify({ version: 2, ...remembered }, null, 2)}\n`);
}

/** The old file stays as it is until the profile is safe; then the next start has nothing to migrate any more. */
async function migrate(ports: Store, first: z.infer<typeof firstSchema>["settings"]): Promise<Remembered> {
  const { theme, language, ...connection } = first;
  const windowSettings = withDefaults({ theme, language });
  const { list } = await loadProfiles(ports);
  if ((connection.environmentId ?? "") === "") return { windowSettings, profile: list[0]?.name ?? null, proven: [] };
  const taken = new Set(list.map((profile) => profile.name));
  let name = migratedName;
  for (let next = 2; taken.has(name); next += 1) name = `${migratedName} ${next}`;
  const given = Object.entries(connection).filter(([, value]) => value !== undefined);
  const settings = profileSettingsSchema.parse({
    ...defaultProfileSettings,
    mode: "worker",
    ...Object.fromEntries(given),
  });
  const saved = await saveSettingsOf(ports, name, null, settings);
  if (!saved.ok) {
    ports.log("warn", "settings.not-migrated", { code: saved.error.code });
    return { windowSettings, profile: null, proven: [] };
  }
  const remembered = { windowSettings, profile: name, proven: [] };
  const written = await saveSettings(ports, remembered);
  ports.log(written.ok ? "info" : "warn", "settings.migrated", { ok: written.ok });
  return remembered;
}

const withDefaults = (
  given: { readonly [K in keyof WindowSettings]?: WindowSettings[K] | undefined },
): WindowSettings => ({
  ...defaultWindowSettings,
  ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
