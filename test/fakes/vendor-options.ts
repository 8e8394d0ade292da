import { readFileSync } from "node:fs";
import * as z from "zod/mini";
import { type CreationOptions, readCreationOptions } from "../../src/core/fido2/options.ts";

const sample = z
  .object({ publicKeyCredentialCreationOptions: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../samples/create-fido2.response.json", import.meta.url), "utf8")));

/**
 * The options of the vendor's own example, read as the product reads them.
 *
 * @param changes laid over them before they are read, in the form in which PingOne sends them
 */
export function vendorOptions(
  changes: Readonly<Record<string, unknown>> = {},
  relyingPartyId = "pingone.eu",
): CreationOptions {
  const given: object = JSON.parse(sample.publicKeyCredentialCreationOptions);
  const options = readCreationOptions(
    JSON.stringify({ ...given, rp: { id: relyingPartyId, name: "PingOne" }, ...changes }),
  );
  if (!options.ok) throw new Error(`The example cannot be read: ${options.error.code}.`);
  return options.value;
}
