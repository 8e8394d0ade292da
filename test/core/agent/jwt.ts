const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Something in the shape of a signed JWT. Nobody signed it. */
export const jwt = (claims: object = {}, header: object = { alg: "ES256", typ: "JWT" }): string =>
  `${part(header)}.${part(claims)}.${Buffer.from("not a signature").toString("base64url")}`;
