/**
 * Whether a message comes from our page: the main frame of a window that we made, showing an address that we serve.
 * Pure, so that every case is a line in a table.
 *
 * SECURITY: checklist 23.
 */

/** What is read of Electron's frame. Every property throws once the frame's document has been replaced. */
type SenderFrame = { readonly url: string; readonly parent: unknown };

export type SenderEvent = {
  readonly sender: unknown;
  /** `null` when the frame has navigated or gone away since it sent. */
  readonly senderFrame: SenderFrame | null;
};

export type TrustedPage = {
  /** The pages of the windows that are open now. */
  readonly contents: () => readonly unknown[];
  readonly url: string;
};

/** False for everything that is not certainly our page, a frame that has gone included. */
export function isTrusted(event: SenderEvent, page: TrustedPage): boolean {
  try {
    const frame = event.senderFrame;
    if (frame === null) return false;
    if (!page.contents().includes(event.sender)) return false;
    // Looking at the window alone is not enough: a sub-frame sends through the same one.
    if (frame.parent !== null) return false;
    return isSamePlace(frame.url, page.url);
  } catch {
    // Electron throws when a frame is read whose document is gone. What cannot be identified is refused.
    return false;
  }
}

/**
 * Same scheme and same host. Not `URL.origin`: for a scheme of our own Node gives the text `null`, which would make
 * every opaque page our equal. And not the frame's own `origin`: a blank child has its parent's.
 */
export function isSamePlace(address: string, home: string): boolean {
  if (!URL.canParse(address) || !URL.canParse(home)) return false;
  const one = new URL(address);
  const other = new URL(home);
  return one.protocol === other.protocol && one.host === other.host && one.host !== "";
}
