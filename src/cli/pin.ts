import type { Readable } from "node:stream";
import type { Fido2Person } from "../node/fido2-ceremony.ts";
import type { Context } from "./context.ts";

/** A PIN has at most 63 bytes (CTAP 2.1, "authenticatorClientPIN"). */
const longestPin = 63;

type Terminal = Readable & { readonly isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };

/** A person who, besides, may be out of reach. */
type PersonAtTerminal = Fido2Person & {
  /** Why a PIN that a key wanted could not be asked for; `null`: it could be, or none was wanted. */
  readonly unreachable: () => string | null;
};

/**
 * The person in front of the key, reached through the terminal; or a script that pipes the PIN in.
 *
 * @param secretFromStdin whether stdin was used up by the client secret, so that no PIN can come from there
 */
export function personAtTerminal(context: Context, secretFromStdin: boolean): PersonAtTerminal {
  const { output, options } = context;
  let piped = false;
  let unreachable: string | null = null;
  const outOfReach = (reason: string): null => {
    unreachable = `the key asks for its PIN, ${reason}`;
    return null;
  };
  return {
    askPin: async (remaining, signal) => {
      if (secretFromStdin) {
        return outOfReach("and standard input was used for the client secret, which can come from a file instead");
      }
      const input: Terminal = context.stdin();
      if (input.isTTY === true) {
        if (!options.interactive) return outOfReach("which --non-interactive forbids");
        const tries = remaining === null ? "" : ` (${remaining} ${remaining === 1 ? "try" : "tries"} left)`;
        // The echo is off before the question is there, so that a quick answer is not shown.
        const answer = readLine(input, signal);
        output.prompt(`PIN of the security key${tries}: `);
        const pin = await answer;
        output.prompt("\n");
        return pin;
      }
      // A pipe holds one PIN. Giving a wrong one again would only bring the key closer to locking itself.
      if (piped) return outOfReach("and standard input holds only one");
      piped = true;
      const pin = await readLine(input, signal);
      return pin === null && !signal.aborted ? outOfReach("and none came on standard input") : pin;
    },
    tell: (what) => output.warn(words[what]),
    unreachable: () => unreachable,
  };
}

const words: Readonly<Record<Parameters<Fido2Person["tell"]>[0], string>> = {
  insert: "Insert the security key.",
  touch: "Touch the security key when it blinks.",
  "choose-one": "Several security keys are plugged in. Leave only the one to enrol.",
  reinsert: "The key takes no more PINs until it has been taken out and put in again.",
};

const keys = { enter: [0x0a, 0x0d], backspace: [0x08, 0x7f], interrupt: 0x03, endOfInput: 0x04 };

/**
 * One line, byte by byte into one buffer and without an echo. `null`: given up, or empty. What is too long comes back
 * too long, so that it is refused and not taken for a shorter one.
 *
 * SECURITY: no string is made of it, because a string cannot be wiped.
 */
export function readLine(input: Terminal, signal: AbortSignal, longest = longestPin): Promise<Uint8Array | null> {
  const buffer = new Uint8Array(longest + 1);
  // Counts on where the buffer ends, and what is written there is dropped: taking back has to match what was typed.
  let length = 0;
  const takeBack = (): void => {
    // A character of several bytes goes as a whole (UTF-8: all but the first are 10xxxxxx).
    let isWhole = length === 0;
    while (!isWhole) {
      length -= 1;
      isWhole = length === 0 || ((buffer[length] ?? 0) & 0xc0) !== 0x80;
      buffer[length] = 0;
    }
  };
  return new Promise((resolve) => {
    const end = (result: Uint8Array | null): void => {
      input.off("data", onData);
      input.off("end", onEnd);
      signal.removeEventListener("abort", onAbort);
      input.setRawMode?.(false);
      input.pause();
      if (result === null) buffer.fill(0);
      resolve(result);
    };
    const onAbort = (): void => end(null);
    const onEnd = (): void => end(length === 0 ? null : buffer.subarray(0, length));
    const onData = (chunk: Buffer): void => {
      for (const byte of chunk) {
        if (keys.enter.includes(byte)) {
          chunk.fill(0);
          return onEnd();
        }
        if (byte === keys.interrupt || byte === keys.endOfInput) {
          chunk.fill(0);
          // In raw mode Ctrl-C is a byte and no signal; the rest of the program has to hear of it.
          if (byte === keys.interrupt) process.kill(process.pid, "SIGINT");
          return end(null);
        }
        if (keys.backspace.includes(byte)) takeBack();
        else buffer[length++] = byte;
      }
      chunk.fill(0);
    };
    if (signal.aborted) return end(null);
    signal.addEventListener("abort", onAbort, { once: true });
    input.setRawMode?.(true);
    input.on("data", onData);
    input.once("end", onEnd);
    input.resume();
  });
}
