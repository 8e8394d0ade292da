import type { Fido2Policy } from "../world.ts";

/**
 * What PingOne knows about models of authenticators, by their AAGUID: a piece of its table of global authenticators
 * ("FIDO device metadata"), which comes from the FIDO Metadata Service. The activation as documented says nothing about
 * attachment and transports, so this table is where PingOne can learn of them.
 */

export type Attachment = Exclude<Fido2Policy["attachment"], "BOTH">;

type Model = {
  readonly attachment: Attachment;
  readonly transports: readonly string[];
};

export const yubiKey5Nfc = "2fc0579f-8113-47ea-b116-bb5a8db9202a";
export const yubiKey5 = "ee882879-721c-4913-9775-3dfcce97072a";

/** The software authenticator of the simulator, as a key and as a part of the computer. In no vendor's list. */
export const simulatedKey = "d35ca1e5-1111-4222-8333-444455556666";
export const simulatedPlatform = "d35ca1e5-1111-4222-8333-777788889999";

const windowsHello: Model = { attachment: "PLATFORM", transports: ["internal"] };

const models: Readonly<Record<string, Model>> = {
  [yubiKey5Nfc]: { attachment: "CROSS_PLATFORM", transports: ["usb", "nfc"] },
  [yubiKey5]: { attachment: "CROSS_PLATFORM", transports: ["usb"] },
  "08987058-cadc-4b81-b6e1-30de50dcbe96": windowsHello,
  "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": windowsHello,
  "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": windowsHello,
  [simulatedKey]: { attachment: "CROSS_PLATFORM", transports: ["usb"] },
  [simulatedPlatform]: { attachment: "PLATFORM", transports: ["internal"] },
};

/** `null`: not in the table, as for every authenticator that keeps its model to itself. */
export const modelOf = (aaguid: string): Model | null => models[aaguid] ?? null;
