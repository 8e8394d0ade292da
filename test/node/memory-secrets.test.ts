import { expect, test } from "vitest";
import { memorySecrets } from "../../src/node/memory-secrets.ts";

const done = { ok: true, value: null };

test("keeps by name, says that it is memory, and shares nothing with another", async () => {
  const store = memorySecrets();
  expect(await store.kind()).toBe("memory");
  expect(await store.read("one")).toEqual(done);
  expect(await store.write("one", "1")).toEqual(done);
  expect(await store.write("__proto__", "")).toEqual(done);
  expect(await store.write("one", "first")).toEqual(done);
  expect(await store.read("one")).toEqual({ ok: true, value: "first" });
  expect(await store.read("__proto__")).toEqual({ ok: true, value: "" });
  expect(await store.read("toString")).toEqual(done);
  expect(await memorySecrets().read("one")).toEqual(done);
});

test("one that is not there counts as removed", async () => {
  const store = memorySecrets();
  expect(await store.remove("one")).toEqual(done);
  await store.write("one", "1");
  expect(await store.remove("one")).toEqual(done);
  expect(await store.read("one")).toEqual(done);
});
