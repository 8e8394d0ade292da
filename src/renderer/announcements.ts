/**
 * What is to be spoken. One message at a time for each manner: the page has one polite and one assertive live region,
 * because several regions that change together are read in an order that nobody chose, or not at all.
 */

export type Manner = "polite" | "assertive";
export type Announcements = { readonly [M in Manner]: { readonly message: string; readonly serial: number } };

let announcements: Announcements = {
  polite: { message: "", serial: 0 },
  assertive: { message: "", serial: 0 },
};
const listeners = new Set<() => void>();

/** Speaks a message. `assertive` interrupts and is for failures. The same message twice is spoken twice. */
export function announce(message: string, manner: Manner = "polite"): void {
  announcements = { ...announcements, [manner]: { message, serial: announcements[manner].serial + 1 } };
  for (const listener of listeners) listener();
}

export const currentAnnouncements = (): Announcements => announcements;

export function onAnnouncement(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
