import { useEffect, useRef } from "react";

/** Opens what somebody has chosen in the menu. `null`: not now, a pairing is running. */
export function useMenu(onPolicy: (() => void) | null): void {
  const latest = useRef(onPolicy);
  useEffect(() => {
    latest.current = onPolicy;
  });
  // Once, so that nothing that was chosen meanwhile is lost.
  useEffect(() => window.deskpair?.on("app.show", () => latest.current?.()), []);
}
