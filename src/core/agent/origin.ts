import { fail, type Outcome, ok } from "../../contract/errors.ts";

/**
 * The `Origin` that the desktop agent expects: a complete URL whose host is the relying party or lies inside it ("Check
 * Assertion (PingID Desktop)"; the create page's example is `https://app.pingone.eu`).
 */

/** The vendor's own relying parties, whose pages live under `app.`. */
const vendorRelyingParties = /^pingone\.(com|ca|eu|com\.au|sg|asia)$/;

/** A name, not an address: no last label of digits. */
const domain = /^(?=.{1,253}$)(?!.*\.\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/;

/**
 * @param relyingPartyId `rp.id` of the create reply
 * @param expected what we asked for, if we did: an answer for another relying party is refused, because the proof would
 *   be good for somebody else's domain
 */
export function originFor(relyingPartyId: string | null, expected: string | null): Outcome<string> {
  if (relyingPartyId === null || !domain.test(relyingPartyId)) {
    return fail({
      code: "reply-invalid",
      action: "create the device",
      problem: "it names no usable relying party",
    });
  }
  if (expected !== null && expected !== relyingPartyId) {
    return fail({ code: "relying-party-mismatch", expected, received: relyingPartyId });
  }
  const host = vendorRelyingParties.test(relyingPartyId) ? `app.${relyingPartyId}` : relyingPartyId;
  // Derived above, and checked all the same: the derivation may learn more cases one day.
  return liesInside(host, relyingPartyId)
    ? ok(`https://${host}`)
    : fail({ code: "relying-party-mismatch", expected: relyingPartyId, received: host });
}

/** Whether a host is the relying party or a sub-domain of it. */
export const liesInside = (host: string, relyingPartyId: string): boolean =>
  host === relyingPartyId || host.endsWith(`.${relyingPartyId}`);

/** Whether a text can be a relying party id at all: a lower-case domain with at least two labels. */
export const isRelyingPartyId = (text: string): boolean => domain.test(text);
