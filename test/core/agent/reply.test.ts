import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findJwt as findOther, looksSigned } from "../../../src/core/agent/reply.ts";
import { jwt } from "./jwt.ts";

const attestation = jwt({ sub: "attestation" });
const other = jwt({ sub: "other" });
const sent = jwt({ purpose: "register" });
const findJwt = (body: string): string | null => findOther(body, sent);

describe("replies that hold the attestation", () => {
  test.each<[string, string]>([
    ["bare", attestation],
    ["bare, with blanks and line ends around it", `\r\n ${attestation} \n`],
    ["a JSON string", JSON.stringify(attestation)],
    ["a preferred member", JSON.stringify({ attestation })],
    ["another preferred member", JSON.stringify({ jwt: attestation })],
    ["a member of any name", JSON.stringify({ result: attestation })],
    ["a member with blanks around it", JSON.stringify({ attestation: ` ${attestation}\n` })],
    ["nested", JSON.stringify({ data: { response: { attestation } } })],
    ["in a list", JSON.stringify([{ attestation }])],
    ["beside other members", JSON.stringify({ status: "ok", code: 0, extra: null, list: [1], attestation })],
    ["two candidates, the preferred one last", JSON.stringify({ options: other, attestation })],
    ["two candidates, both preferred", JSON.stringify({ token: other, attestation })],
    [
      "two candidates, the preferred one deeper",
      JSON.stringify({ request: { options: other }, reply: { attestation } }),
    ],
    ["two candidates below a preferred member", JSON.stringify({ token: other, attestation: { value: attestation } })],
    ["a preferred member that holds none", JSON.stringify({ attestation: "later", value: attestation })],
    ["two of the same rank: the first", JSON.stringify({ a: attestation, b: other })],
    ["what was sent beside it", JSON.stringify({ jwt: sent, result: attestation })],
  ])("%s", (_case, body) => {
    expect(findJwt(body)).toBe(attestation);
  });
});

describe("replies that do not", () => {
  test.each<[string, string]>([
    ["nothing", ""],
    ["blanks", "  \n"],
    ["text", "OK"],
    ["a page", "<!DOCTYPE html><html><body>It works!</body></html>"],
    ["empty JSON", "{}"],
    ["an empty list", "[]"],
    ["null", "null"],
    ["a number", "42"],
    ["half a JSON object", `{"attestation":"${attestation}`],
    ["half a JWT", attestation.slice(0, attestation.lastIndexOf("."))],
    ["a JWT with an empty signature", `${attestation.split(".").slice(0, 2).join(".")}.`],
    ["four parts", `${attestation}.abcd`],
    ["two of them", `${attestation} ${attestation}`],
    ["text before it", `attestation=${attestation}`],
    ["alg none", jwt({}, { alg: "none" })],
    ["alg None", jwt({}, { alg: "NoNe" })],
    ["no alg", jwt({}, { typ: "JWT" })],
    ["an empty alg", jwt({}, { alg: "" })],
    ["an alg that is no text", jwt({}, { alg: 7 })],
    ["a header that is a list", `${Buffer.from("[1]").toString("base64url")}.abcd.efgh`],
    ["a header that is null", `${Buffer.from("null").toString("base64url")}.abcd.efgh`],
    ["a header that is not JSON", "abcd.efgh.ijkl"],
    ["a version number", "1.2.3"],
    ["an address", "www.example.com"],
    ["padded base64", `${attestation}=`],
    ["far too long", jwt({ filler: "x".repeat(70_000) })],
    ["far too long, in JSON", JSON.stringify({ attestation: jwt({ filler: "x".repeat(70_000) }) })],
    ["far too deep", JSON.stringify({ a: { b: { c: { d: { e: { attestation } } } } } })],
    ["what was sent, repeated", sent],
    ["what was sent, repeated in JSON", JSON.stringify({ attestation: sent })],
    ["alg none in JSON", JSON.stringify({ attestation: jwt({}, { alg: "none" }) })],
  ])("%s", (_case, body) => {
    expect(findJwt(body)).toBeNull();
  });

  test("whatever is sent: a JWT that stands in it, or nothing", () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.json().map((json) => `${json}${attestation}`),
    );
    fc.assert(
      fc.property(bodies, (body) => {
        const found = findJwt(body);
        expect(found === null || (body.includes(found) && looksSigned(found))).toBe(true);
      }),
    );
  });

  test("a reply built to be slow is not", () => {
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, "x"])));
    const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
    expect(findJwt(wide)).toBeNull();
    expect(findJwt(deep)).toBeNull();
    expect(looksSigned(`${"a".repeat(60_000)}.${"b".repeat(5_000)}`)).toBe(false);
  });
});
