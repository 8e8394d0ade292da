import * as z from "zod/mini";
import { fail, type Outcome, ok } from "../contract/errors.ts";
import { defaultSettings, type Settings, settingsSchema } from "../contract/settings.ts";
import type { Ports } from "./ports.ts";

/** The settings file: versioned, so that a later version can be told from a broken one. */
export const settingsFile = "settings.json";

const fileSchema = z.strictObject({ version: z.literal(1), settings: z.partial(settingsSchema) });

/**
 * What was saved, or the defaults when nothing was. A file that cannot be understood is set aside, never overwritten, so
 * that nothing in it is lost.
 */
export async function loadSettings(ports: Pick<Ports, "files" | "log">): Promise<Settings> {
  const text = await ports.files.read(settingsFile);
  if (!text.ok) {
    ports.log("warn", "settings.not-read", { code: text.error.code });
    return defaultSettings;
  }
  if (text.value === null) return defaultSettings;
  const saved = parseSettings(text.value);
  if (saved.ok) return saved.value;
  ports.log("warn", "settings.set-aside", { code: saved.error.code });
  await ports.files.setAside(settingsFile);
  return defaultSettings;
}

export function saveSettings(ports: Pick<Ports, "files">, settings: Settings): Promise<Outcome<null>> {
  return ports.files.replace(settingsFile, `${JSON.stringify({ version: 1, settings }, null, 2)}\n`);
}

function parseSettings(text: string): Outcome<Settings> {
  try {
    const { settings } = fileSchema.parse(JSON.parse(text));
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    return ok({ ...defaultSettings, ...Object.fromEntries(given) });
  } catch {
    return fail({ code: "storage-failed", operation: "read", problem: "the settings file is broken" });
  }
}
