import { createContext, useContext } from "react";
import type { AppError, ErrorCode } from "../contract/errors.ts";

/** The way from a failure to the doctor's screen; `null` where it cannot be opened now. */
export const ExamineContext = createContext<(() => void) | null>(null);

export const useExamine = (): (() => void) | null => useContext(ExamineContext);

/** Failures whose cause may lie elsewhere than where they show. About the others the doctor knows nothing more. */
const explainable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "network-failed",
  "proxy-failed",
  "proxy-credentials-required",
  "tls-failed",
  "clock-wrong",
  "server-unavailable",
  "sign-in-refused",
  "sign-in-invalid",
  "not-allowed",
  "policy-unknown",
  "pairing-not-allowed",
  "secret-store-failed",
  "storage-failed",
  "agent-missing",
  "agent-not-recognized",
  "agent-not-trusted",
  "agent-connection-lost",
]);

export const isExplainable = (error: AppError): boolean => explainable.has(error.code);
