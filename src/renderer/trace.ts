import type { AppError } from "../contract/errors.ts";

/** What a failure carries for support, beside its code. `undefined`: the other side did not say. */
export type Trace = {
  readonly correlationId: string | undefined;
  readonly serverErrorId: string | undefined;
  /** In English and in the other side's own words, for debugging. */
  readonly ownWords: { readonly of: "pingone" | "agent"; readonly words: string } | undefined;
};

export function traceOf(error: AppError): Trace {
  return {
    correlationId: "correlationId" in error ? error.correlationId : undefined,
    serverErrorId: "serverErrorId" in error ? error.serverErrorId : undefined,
    ownWords: ownWordsOf(error),
  };
}

function ownWordsOf(error: AppError): Trace["ownWords"] {
  if (error.code === "agent-refused" && error.reason !== undefined) return { of: "agent", words: error.reason };
  const words = "serverMessage" in error ? error.serverMessage : undefined;
  if (words !== undefined) return { of: "pingone", words };
  if (error.code === "sign-in-refused" && error.reason !== undefined) return { of: "pingone", words: error.reason };
  return undefined;
}
