import { writeSync } from "node:fs";

/** No file grows beyond this: a support ticket takes it, and an editor opens it. */
export const mostFileBytes = 2_000_000;

/**
 * Appends whole lines. A disk that fills up in the middle of one leaves a part of it; the next line then begins with a
 * line end, so that only that one is spoilt.
 */
export function createAppend(): (descriptor: number, line: string) => void {
  let isTorn = false;
  return (descriptor, line) => {
    const bytes = Buffer.from(isTorn ? `\n${line}` : line);
    let done = 0;
    try {
      // Nearly always one call. Two processes may append to one file: the system puts each call's bytes at its end.
      while (done < bytes.length) done += writeSync(descriptor, bytes, done);
      isTorn = false;
    } catch (thrown) {
      isTorn ||= done > 0;
      throw thrown;
    }
  };
}
