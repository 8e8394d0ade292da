/** Whether what was typed can be meant. Main checks again; this is for saying it next to the field, at once. */

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/iu;
/** At least two labels, and no numbers at the end, which would be an address. Small letters: WebAuthn compares bytes. */
const domain = /^(?=.{1,253}$)(?!.*\.\d+$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+$/u;

export const isUuid = (typed: string): boolean => uuid.test(typed);

export const isClientId = (typed: string): boolean => /^[\w-]{1,64}$/u.test(typed);

export const isPort = (typed: string): boolean =>
  /^\d{1,5}$/u.test(typed) && Number(typed) >= 1 && Number(typed) <= 65_535;

export const isIdleMinutes = (typed: string): boolean =>
  /^\d{1,3}$/u.test(typed) && Number(typed) >= 1 && Number(typed) <= 480;

/** A real domain name: neither `localhost` nor an address, and nothing around it. */
export const isDomain = (typed: string): boolean => domain.test(typed);

/** The same where capitals do no harm: in the name of a server. */
export const isHostName = (typed: string): boolean => domain.test(typed.toLowerCase());

/** What main will open: an https address that carries no credentials. */
export function isPage(typed: string): boolean {
  const address = /^https:\/\/\S+$/iu.test(typed) ? URL.parse(typed) : null;
  return address !== null && address.username === "" && address.password === "";
}

/** An address of PingOne as people paste it: with or without scheme, a slash or `/v1` at the end. */
export function isBaseAddress(typed: string): boolean {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//iu.test(typed) ? typed : `https://${typed}`);
  if (url === null || /\s/u.test(typed)) return false;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return false;
  if (!/^(\/v1)?\/*$/u.test(url.pathname)) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url.hostname));
}

const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/u.test(hostname);
