import { type PolicyName, policyNames, policyOf } from "../../src/core/policy/policies.ts";
import { explanationOf, sampleValues } from "./words.ts";
import { type Element, element, render } from "./xml.ts";

/** The bundle id of the app and the type of the payload: the name of the list that the system writes. */
const macDomain = "com.deskpair.DeskPair";

const declaration = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
`;

/** Any value that a property list can hold, in the order of its keys. */
function plist(value: unknown): string {
  return `${declaration}${render(element("plist", { version: "1.0" }, [valueElement(value)]))}`;
}

function valueElement(value: unknown): Element {
  if (typeof value === "boolean") return element(value ? "true" : "false");
  if (typeof value === "number") return element("integer", {}, String(value));
  if (value instanceof Date) return element("date", {}, value.toISOString().replace(/\.\d+Z$/, "Z"));
  if (Array.isArray(value)) return element("array", {}, value.map(valueElement));
  if (typeof value !== "object" || value === null) return element("string", {}, String(value));
  return element(
    "dict",
    {},
    Object.entries(value).flatMap(([key, one]: [string, unknown]) => [element("key", {}, key), valueElement(one)]),
  );
}

/** A configuration profile for the whole computer (Apple, "Configuration Profile Reference"). */
export function mobileconfig(): string {
  const payload = {
    PayloadType: macDomain,
    PayloadIdentifier: `${macDomain}.policy.settings`,
    PayloadUUID: "8D0E6A0B-5C1F-4E0F-9B7B-3D4C1A6F2E10",
    PayloadVersion: 1,
    PayloadDisplayName: "DeskPair",
    ...Object.fromEntries(sampleValues()),
  };
  return plist({
    PayloadContent: [payload],
    PayloadDescription: "Settings of DeskPair. Replace the values, and both UUIDs by ones of your own (uuidgen).",
    PayloadDisplayName: "DeskPair",
    PayloadIdentifier: `${macDomain}.policy`,
    PayloadScope: "System",
    PayloadType: "Configuration",
    PayloadUUID: "2B6F0C3A-77D1-4C52-8A0E-51E9D0B4C7F3",
    PayloadVersion: 1,
  });
}

/** An entry for ProfileManifests, from which ProfileCreator, iMazing Profile Editor and Jamf's mirror are fed. */
export function profileManifest(): string {
  const payloadKeys = [
    payloadKey("PayloadDescription", "Payload Description", "string", "Settings of DeskPair"),
    payloadKey("PayloadDisplayName", "Payload Display Name", "string", "DeskPair", true),
    payloadKey("PayloadIdentifier", "Payload Identifier", "string", macDomain, true),
    payloadKey("PayloadType", "Payload Type", "string", macDomain, true),
    payloadKey("PayloadUUID", "Payload UUID", "string", null, true),
    payloadKey("PayloadVersion", "Payload Version", "integer", 1, true),
    payloadKey("PayloadOrganization", "Payload Organization", "string", null),
  ];
  return plist({
    pfm_description: "Settings of DeskPair, which pairs workstations and security keys with PingOne MFA.",
    pfm_domain: macDomain,
    pfm_format_version: 1,
    pfm_last_modified: new Date("2026-11-22T00:00:00Z"),
    pfm_platforms: ["macOS"],
    pfm_subkeys: [...payloadKeys, ...policyNames.map(manifestKey)],
    pfm_targets: ["system", "user"],
    pfm_title: "DeskPair",
    pfm_unique: true,
    pfm_version: 1,
  });
}

const payloadKey = (name: string, title: string, type: string, usual: unknown, always = false): object => ({
  ...(usual === null ? {} : { pfm_default: usual }),
  pfm_description: title,
  pfm_name: name,
  ...(always ? { pfm_require: "always" } : {}),
  pfm_title: title,
  pfm_type: type,
});

const types = {
  choice: "string",
  text: "string",
  // A dictionary with keys of one's own cannot be described; the reader takes JSON in a text as well.
  profiles: "string",
  number: "integer",
  switch: "boolean",
  list: "array",
} as const;

function manifestKey(name: PolicyName): object {
  const { kind, title, since, example } = policyOf(name);
  return {
    pfm_app_min: since,
    pfm_description: explanationOf(name).join(" "),
    pfm_name: name,
    ...(kind.type === "choice" ? { pfm_range_list: kind.choices } : {}),
    ...(kind.type === "number" ? { pfm_range_max: kind.most, pfm_range_min: kind.least } : {}),
    ...(kind.type === "list" ? { pfm_subkeys: [{ pfm_title: "Entry", pfm_type: "string" }] } : {}),
    pfm_title: title,
    pfm_type: types[kind.type],
    ...(typeof example === "string" ? { pfm_value_placeholder: example } : {}),
  };
}

/**
 * Jamf Pro's own form for its console (Jamf, "Understanding the Structure of a JSON Schema Manifest"). Each setting can
 * be left out: Jamf would send an empty text for it otherwise.
 */
export function jamfSchema(): string {
  const properties = policyNames.map((name, index) => {
    const { kind, title } = policyOf(name);
    const configured = {
      title: "Configured",
      type: types[kind.type],
      ...(kind.type === "choice" ? { enum: kind.choices } : {}),
      ...(kind.type === "number" ? { minimum: kind.least, maximum: kind.most } : {}),
      ...(kind.type === "list" ? { items: { type: "string", title: "Entry" } } : {}),
    };
    const property = {
      title,
      description: explanationOf(name).join(" "),
      property_order: (index + 1) * 5,
      anyOf: [{ title: "Not Configured", type: "null" }, configured],
    };
    return [name, property] as const;
  });
  const manifest = {
    title: `DeskPair (${macDomain})`,
    description: "Settings of DeskPair, which pairs workstations and security keys with PingOne MFA.",
    properties: Object.fromEntries(properties),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
