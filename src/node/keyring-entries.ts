import type { AsyncEntry } from "@napi-rs/keyring";
import { fail, type Outcome, ok } from "../contract/errors.ts";

/**
 * How a secret lies in a key store. Windows takes 2560 bytes for an entry (`CRED_MAX_CREDENTIAL_BLOB_SIZE` of
 * CREDENTIALW), which is 1280 characters as the library writes them, and a refresh token may be longer. So a longer one
 * is cut, on every system alike. The entry of its name holds a head and the first piece, numbered entries the rest:
 *
 *     name      deskpair:1:a:2:2900:first piece
 *     name#a1   second piece
 *     name#a2   third piece
 *
 * The head states the letter of the pieces, their number and the length of all together. A new secret gets its pieces
 * under the other letter before its head replaces the old one, and the old pieces go last: whoever is interrupted leaves
 * the old secret or the new one, whole.
 */

export type Entry = Pick<AsyncEntry, "setPassword" | "getPassword" | "deleteCredential">;
type Entries = (name: string) => Entry;
type Letter = "a" | "b";
type Head = { readonly letter: Letter; readonly pieces: number; readonly length: number; readonly first: string };

/** In UTF-16 units. The head takes about thirty more. */
const pieceLength = 1_200;

const headForm = /^deskpair:1:([ab]):(\d{1,3}):(\d{1,6}):/;

/** `null` for one that is not there. Throws as the store does. */
export async function readSecret(entries: Entries, name: string): Promise<Outcome<string | null>> {
  let seen: string | null = null;
  for (;;) {
    const text = await entries(name).getPassword();
    if (text === null) return ok(null);
    const head = parseHead(text);
    if (head === null) return failed("another version of DeskPair wrote what is kept there");
    const rest = await Promise.all(
      numbers(head.pieces).map((number) => piece(entries, name, head.letter, number).getPassword()),
    );
    const secret = head.first + rest.join("");
    if (!rest.includes(null) && secret.length === head.length) return ok(secret);
    // Another process may just have replaced it: then the head is a different one now.
    if (text === seen) return failed("a part of what is kept there is missing");
    seen = text;
  }
}

/** Throws as the store does. */
export async function writeSecret(entries: Entries, name: string, secret: string): Promise<Outcome<null>> {
  // Half a character would come back as another one.
  if (!secret.isWellFormed()) return failed("the secret is not text");
  const [first = "", ...rest] = cut(secret);
  if (rest.length > 999) return failed("the secret is too long for it");
  const old = parseHead((await entries(name).getPassword()) ?? "");
  const letter: Letter = old?.letter === "a" ? "b" : "a";
  // Of a write that was interrupted.
  await removePieces(entries, name, letter);
  for (const [index, text] of rest.entries()) await piece(entries, name, letter, index + 1).setPassword(text);
  await entries(name).setPassword(`deskpair:1:${letter}:${rest.length}:${secret.length}:${first}`);
  await removePieces(entries, name, letter === "a" ? "b" : "a");
  return ok(null);
}

/** The head first: without it the pieces are nothing. Throws as the store does. */
export async function removeSecret(entries: Entries, name: string): Promise<Outcome<null>> {
  await entries(name).deleteCredential();
  await removePieces(entries, name, "a");
  await removePieces(entries, name, "b");
  return ok(null);
}

function parseHead(text: string): Head | null {
  const match = headForm.exec(text);
  if (match === null) return null;
  const [head, letter, pieces, length] = match;
  return {
    letter: letter === "a" ? "a" : "b",
    pieces: Number(pieces),
    length: Number(length),
    first: text.slice(head.length),
  };
}

/** Never between the halves of a character that has two. */
function cut(secret: string): readonly string[] {
  const pieces: string[] = [];
  for (let from = 0; from < secret.length; ) {
    const end = from + pieceLength;
    const isBetweenHalves = end < secret.length && /[\ud800-\udbff]/.test(secret.charAt(end - 1));
    const to = isBetweenHalves ? end - 1 : end;
    pieces.push(secret.slice(from, to));
    from = to;
  }
  return pieces;
}

const piece = (entries: Entries, name: string, letter: Letter, number: number): Entry =>
  entries(`${name}#${letter}${number}`);

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

/** From the last to the first, so that one who is interrupted leaves no gap behind which nobody looks. */
async function removePieces(entries: Entries, name: string, letter: Letter): Promise<void> {
  let count = 0;
  while ((await piece(entries, name, letter, count + 1).getPassword()) !== null) count += 1;
  for (const number of numbers(count).toReversed()) await piece(entries, name, letter, number).deleteCredential();
}

function failed(problem: string): Outcome<never> {
  return fail({ code: "secret-store-failed", problem });
}
