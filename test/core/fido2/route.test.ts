import { describe, expect, test } from "vitest";
import {
  browserReasons,
  describeBrowserReason,
  describeRouteNote,
  routeNotes,
} from "../../../src/contract/enrolment-words.ts";
import { describeError } from "../../../src/contract/error-words.ts";
import type { CreationOptions } from "../../../src/core/fido2/options.ts";
import { type Route, type RouteQuestion, routeFor } from "../../../src/core/fido2/route.ts";

type Preference = "discouraged" | "preferred" | "required";
type Answers = Readonly<Record<"win32" | "darwin" | "linux", Route>>;

const ask = (
  platform: RouteQuestion["platform"],
  given: {
    readonly wanted?: RouteQuestion["wanted"];
    readonly tools?: RouteQuestion["tools"];
    readonly userVerification?: Preference;
    readonly residentKey?: Preference;
    readonly algorithms?: readonly number[];
  },
): Route => {
  const residentKey = given.residentKey ?? "discouraged";
  const options: Pick<CreationOptions, "authenticatorSelection" | "pubKeyCredParams"> = {
    authenticatorSelection: {
      residentKey,
      requireResidentKey: residentKey === "required",
      userVerification: given.userVerification ?? "discouraged",
    },
    pubKeyCredParams: (given.algorithms ?? [-7, -257]).map((alg) => ({ type: "public-key", alg })),
  };
  return routeFor({ platform, options, wanted: given.wanted ?? "key", tools: given.tools ?? "not-usable" });
};

const windowsKey: Route = { route: "window", notes: ["windows-will-ask", "choose-the-key"] };
const windowsHello: Route = { route: "window", notes: ["windows-will-ask", "use-windows-hello"] };
const touch: Route = { route: "window", notes: ["touch-only"] };
const noPin: Route = { route: "window", notes: ["touch-only", "key-with-pin-will-refuse"] };
const tools: Route = { route: "tools" };
const pin: Route = { route: "browser", reason: "key-pin-cannot-be-asked" };
const linuxHasNone: Route = { route: "browser", reason: "no-built-in-authenticator" };
const touchId: Route = { route: "browser", reason: "touch-id-not-available" };

const same = (win32: Route, others: Route): Answers => ({ win32, darwin: others, linux: others });

const table: readonly (readonly [what: string, given: Parameters<typeof ask>[1], answers: Answers])[] = [
  ["a key that is only touched", {}, same(windowsKey, touch)],
  ["a key, both only preferred", { userVerification: "preferred", residentKey: "preferred" }, same(windowsKey, touch)],
  ["a key, the person verified", { userVerification: "required" }, same(windowsKey, pin)],
  ["a key, discoverable", { residentKey: "required" }, same(windowsKey, noPin)],
  [
    "a key, discoverable, the person preferably verified",
    { userVerification: "preferred", residentKey: "required" },
    same(windowsKey, noPin),
  ],
  [
    "a key, both required, as in the vendor's example",
    { userVerification: "required", residentKey: "required" },
    same(windowsKey, pin),
  ],
  ["a key, an algorithm that U2F does not know", { algorithms: [-257, -37] }, same(windowsKey, noPin)],
  ["a key, and the tools may be used, but are not needed", { tools: "usable" }, same(windowsKey, touch)],
  [
    "a key, the person verified, with the tools",
    { userVerification: "required", tools: "usable" },
    same(windowsKey, tools),
  ],
  ["a key, discoverable, with the tools", { residentKey: "required", tools: "usable" }, same(windowsKey, tools)],
  ["a key, another algorithm, with the tools", { algorithms: [-257], tools: "usable" }, same(windowsKey, tools)],
  ["this computer", { wanted: "platform" }, { win32: windowsHello, darwin: touchId, linux: linuxHasNone }],
  [
    "this computer, everything required; the tools do not help",
    { wanted: "platform", userVerification: "required", residentKey: "required", tools: "usable" },
    { win32: windowsHello, darwin: touchId, linux: linuxHasNone },
  ],
];

describe.each(table)("%s", (_what, given, answers) => {
  test.each(["win32", "darwin", "linux"] as const)("%s", (platform) => {
    expect(ask(platform, given)).toEqual(answers[platform]);
  });
});

describe("the words", () => {
  test.each(routeNotes)("of the note %s are a sentence", (note) => {
    expect(describeRouteNote(note)).toMatch(/^[A-Z].*\.$/);
  });

  test.each(browserReasons)("of the reason %s complete the one of the error", (reason) => {
    const words = describeBrowserReason(reason);
    expect(words).toMatch(/[^.]$/);
    expect(describeError({ code: "ceremony-unavailable", reason: words }).message).toMatch(/^[A-Z].*[^.]\.$/);
  });

  test("every note and every reason is given to somebody", () => {
    const routes = table.flatMap(([, , answers]) => Object.values(answers));
    const notes = new Set(routes.flatMap((route) => (route.route === "window" ? route.notes : [])));
    const reasons = new Set(routes.flatMap((route) => (route.route === "browser" ? [route.reason] : [])));
    expect([...notes].toSorted()).toEqual([...routeNotes].toSorted());
    expect([...reasons].toSorted()).toEqual([...browserReasons].toSorted());
  });
});
