/** A host name as it stands in `rp.id`: lower case, at least two labels or `localhost`. */
const domain = /^(?:localhost|(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/;

export const isDomain = (text: string): boolean => text.length <= 253 && domain.test(text);

/**
 * Whether an `Origin` belongs to a relying party: a complete https URL without path whose host is the relying party's
 * domain or a subdomain of it, see "Check Assertion (PingID Desktop)". `pingone.eu.evil.example` and
 * `evilpingone.eu` do not belong to `pingone.eu`.
 */
export const originBelongsTo = (origin: string, relyingPartyId: string): boolean => {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (url.protocol !== "https:" || url.origin !== origin) return false;
  return url.hostname === relyingPartyId || url.hostname.endsWith(`.${relyingPartyId}`);
};
