import { expect, onTestFinished, test } from "vitest";
import { findFido2Tools } from "../../src/node/fido2-tools.ts";
import { installTools } from "../fakes/fido2-tools/installed.ts";

const among =
  (...paths: string[]) =>
  (path: string) =>
    paths.includes(path);

test("the system's own places, in their order", () => {
  const local = ["/usr/local/bin/fido2-token", "/usr/local/bin/fido2-cred"];
  const system = ["/usr/bin/fido2-token", "/usr/bin/fido2-cred"];
  const brew = ["/opt/homebrew/bin/fido2-token", "/opt/homebrew/bin/fido2-cred"];
  expect(findFido2Tools(null, among(...local, ...system), "linux")).toEqual({ token: system[0], cred: system[1] });
  expect(findFido2Tools(null, among(...local, ...brew), "darwin")).toEqual({ token: brew[0], cred: brew[1] });
  expect(findFido2Tools(null, among(...local, ...brew), "linux")).toEqual({ token: local[0], cred: local[1] });
});

test("both tools or none, and never by PATH", () => {
  expect(findFido2Tools(null, among("/usr/bin/fido2-token", "/usr/local/bin/fido2-cred"), "linux")).toBeNull();
  expect(findFido2Tools(null, among("/home/ada/bin/fido2-token", "/home/ada/bin/fido2-cred"), "linux")).toBeNull();
  expect(findFido2Tools(null, () => true, "win32")).toBeNull();
  expect(findFido2Tools("/anywhere", () => true, "win32")).toBeNull();
});

test("a folder that was named counts alone, and only when it is absolute", () => {
  expect(findFido2Tools("/opt/keys", () => true, "linux")).toEqual({
    token: "/opt/keys/fido2-token",
    cred: "/opt/keys/fido2-cred",
  });
  expect(findFido2Tools("/opt/keys", among("/usr/bin/fido2-token", "/usr/bin/fido2-cred"), "linux")).toBeNull();
  expect(findFido2Tools("opt/keys", () => true, "linux")).toBeNull();
  expect(findFido2Tools("", () => true, "linux")).toBeNull();
});

test("on the disk: programs, not folders or plain files", () => {
  const installed = installTools();
  onTestFinished(installed.remove);
  expect(findFido2Tools(installed.folder)).toEqual(installed.tools);
  expect(findFido2Tools("/")).toBeNull();
});
