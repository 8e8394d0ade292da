/**
 * What the page may load: its own files and nothing else. No network at all, so that a dependency that goes bad has
 * nowhere to send what it sees. Sent as a header by main; the page's tests serve the built page with the same value.
 * No imports, so that anything may read it.
 *
 * SECURITY: checklist 5.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // No text becomes markup or code, and nobody may make an exception: React needs neither.
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");
