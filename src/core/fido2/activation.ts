import * as base64url from "jose/base64url";
import type { Credential } from "./credential.ts";

/**
 * The body that activates a FIDO2 device ("Activate MFA User Device (FIDO2)"): `origin` as in the client data, and
 * `attestation` as a string that holds JSON. In the vendor's example `id` is base64url without padding while the binary
 * members are padded base64; that form is sent byte for byte.
 */
export function activationBody(credential: Credential, origin: string): { origin: string; attestation: string } {
  const attestation = {
    id: credential.id,
    type: credential.type,
    rawId: padded(credential.rawId),
    response: {
      clientDataJSON: padded(credential.response.clientDataJSON),
      attestationObject: padded(credential.response.attestationObject),
    },
    clientExtensionResults: credential.clientExtensionResults,
  };
  return { origin, attestation: JSON.stringify(attestation) };
}

/** base64url to base64 with padding. */
function padded(text: string): string {
  return btoa(String.fromCharCode(...base64url.decode(text)));
}
