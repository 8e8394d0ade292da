import { type RefObject, useEffect, useRef } from "react";
import { useText } from "./language.ts";

/**
 * What happens when a screen comes up: the window gets its title, and the focus goes to the element with the returned
 * ref: the first field where something is typed, else the heading. Without this a keyboard or screen-reader user would
 * be left on an element that no longer exists.
 */
export function useArrival<E extends HTMLElement>(title: string): RefObject<E | null> {
  const text = useText();
  const place = useRef<E>(null);
  useEffect(() => {
    document.title = text.title(title);
  }, [text, title]);
  useEffect(() => {
    place.current?.focus();
    if (place.current?.tagName === "H1") window.scrollTo(0, 0);
  }, []);
  return place;
}
