import { useSyncExternalStore } from "react";
import { currentAnnouncements, onAnnouncement } from "../announcements.ts";

/**
 * The live regions, one polite (`output` is one by itself), one assertive. They exist from the first render on, because a region that appears together with its words is not
 * read. `data-live-announcer` keeps them readable while a dialog hides the rest of the page.
 */
export function Announcer() {
  const { polite, assertive } = useSyncExternalStore(onAnnouncement, currentAnnouncements);
  return (
    <div className="visually-hidden" data-live-announcer="true">
      <output>
        {/* A new element for each message, so that the same words twice are a change. */}
        <span key={polite.serial}>{polite.message}</span>
      </output>
      <div role="alert">
        <span key={assertive.serial}>{assertive.message}</span>
      </div>
    </div>
  );
}
