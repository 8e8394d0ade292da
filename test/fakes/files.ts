import { type AppError, fail, ok } from "../../src/contract/errors.ts";
import type { Files } from "../../src/core/ports.ts";

export type FakeFiles = Files & {
  /** The files as they are now, by name. */
  readonly contents: Map<string, string>;
  /** Files that were set aside, in order. */
  readonly aside: { readonly name: string; readonly text: string }[];
  /** Operations that fail from now on; empty it to repair the disk. */
  readonly broken: Set<keyof Files>;
  /** Called when an append reaches the disk. */
  onAppend: (name: string, text: string) => void;
};

/** The data folder in memory. */
export function memoryFiles(initial: Readonly<Record<string, string>> = {}): FakeFiles {
  const contents = new Map(Object.entries(initial));
  const failure = (operation: "read" | "write"): AppError => ({
    code: "storage-failed",
    operation,
    problem: "the disk is full",
  });
  const files: FakeFiles = {
    contents,
    aside: [],
    broken: new Set(),
    onAppend: () => undefined,
    read: async (name) => (files.broken.has("read") ? fail(failure("read")) : ok(contents.get(name) ?? null)),
    replace: async (name, text) => {
      if (files.broken.has("replace")) return fail(failure("write"));
      contents.set(name, text);
      return ok(null);
    },
    append: async (name, text) => {
      // As slow as a disk: whoever does not wait for it is ahead of it, and a test can see that.
      await new Promise<void>((resolve) => setImmediate(resolve));
      files.onAppend(name, text);
      if (files.broken.has("append")) return fail(failure("write"));
      contents.set(name, (contents.get(name) ?? "") + text);
      return ok(null);
    },
    setAside: async (name) => {
      if (files.broken.has("setAside")) return fail(failure("write"));
      const text = contents.get(name);
      if (text !== undefined) files.aside.push({ name, text });
      contents.delete(name);
      return ok(null);
    },
  };
  return files;
}
