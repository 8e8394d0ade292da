import { createContext, useContext } from "react";
import type { Settings } from "../contract/settings.ts";
import { english, ownEnglish, type Text } from "./text.ts";

/**
 * The languages of the page. There is one, and a stretched and accented form of it: what the stretched form cuts off or
 * leaves unaccented would be cut off in German, or is not in the catalogue.
 */

type Entry = string | ((...parameters: never[]) => Entry) | { readonly [name: string]: Entry };

const plain = "aceinosuyACEINOSUY";
const accented = "áçéíñóšúýÁÇÉÍÑÓŠÚÝ";

function stretchWords(words: string): string {
  const letters = Array.from(words, (letter) => accented[plain.indexOf(letter)] ?? letter).join("");
  // A third longer, as German and Finnish are, in pieces of the length of a long word.
  const padding = "~~~~~~~~~~~ "
    .repeat(words.length)
    .slice(0, Math.ceil(words.length * 0.35))
    .trimEnd();
  return `[${letters} ${padding}]`;
}

/** The same shape, so that the stretched catalogue has the type of the real one. */
function stretch<E extends Entry>(entry: E): E;
function stretch(entry: Entry): Entry {
  if (typeof entry === "string") return stretchWords(entry);
  if (typeof entry === "function") return (...parameters) => stretch(entry(...parameters));
  return Object.fromEntries(Object.entries(entry).map(([name, part]) => [name, stretch(part)]));
}

type Words = { readonly text: Text; readonly tag: string };

const catalogues: Record<Settings["language"], { readonly served: Words; readonly own: Words }> = {
  en: { served: { text: english, tag: "en" }, own: { text: ownEnglish, tag: "en" } },
  // The tag of a made-up language: speech software then does not try a real accent.
  pseudo: { served: { text: stretch(english), tag: "en-XA" }, own: { text: stretch(ownEnglish), tag: "en-XA" } },
};

/**
 * The catalogue and the language tag for a setting. `own`: the person signed in for the own devices, and is spoken to
 * where others are spoken of.
 */
export const languageFor = (language: Settings["language"], own = false): Words =>
  catalogues[language][own ? "own" : "served"];

export const TextContext = createContext<Text>(english);

/** The words of the chosen language. */
export const useText = (): Text => useContext(TextContext);
