import { anything, assert, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { decode, encode } from "./codec.ts";

const throughText = (value: unknown): unknown => decode(encode(structuredClone(value)));

describe("the codec of IPC values", () => {
  test("carries whatever structured clone carries, unchanged", () => {
    const values = anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: false,
      withNullPrototype: false,
    });
    assert(
      property(values, (value) => {
        expect(throughText(value)).toEqual(structuredClone(value));
      }),
    );
  });

  test("keeps what is shared shared, and cycles cyclic", () => {
    const shared = new Date(0);
    const value: Record<string, unknown> = { first: shared, second: [shared] };
    value["self"] = value;
    const back = throughText(value) as { first: Date; second: Date[]; self: unknown };
    expect(back.second[0]).toBe(back.first);
    expect(back.self).toBe(back);
  });

  test("keeps errors by their kind, and a key that would change the prototype as a plain key", () => {
    const error = throughText(new RangeError("out"));
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: "out" });
    const object = throughText(JSON.parse('{"__proto__":{"polluted":true}}')) as object;
    expect(Object.keys(object)).toEqual(["__proto__"]);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });

  test("says what it cannot carry", () => {
    expect(() => encode(new DataView(new ArrayBuffer(1)))).toThrow(
      "electron stand-in: sending a DataView is not covered",
    );
  });
});
