import * as z from "zod/mini";
import { appErrorSchema, leftSchema } from "./errors.ts";

/** What the page may see of pairings that were interrupted; strict, as everything in `views.ts`. */

const text = z.string().check(z.maxLength(1_000));
const time = z.string().check(z.maxLength(40));

const interruptedPairing = {
  pairingId: text,
  kind: z.enum(["desktop", "fido2"]),
  userId: text,
  username: text,
  beganAt: z.nullable(time),
};
/** A pairing that was interrupted, and what became of it. */
const recoveredSchema = z.discriminatedUnion("outcome", [
  z.strictObject({ ...interruptedPairing, outcome: z.literal("finished"), deviceId: text }),
  z.strictObject({ ...interruptedPairing, outcome: z.literal("undone") }),
  z.strictObject({
    ...interruptedPairing,
    outcome: z.literal("left"),
    left: leftSchema,
    deviceId: z.nullable(text),
    /** What had gone wrong with the pairing. */
    error: appErrorSchema,
  }),
]);
export type RecoveredPairing = z.infer<typeof recoveredSchema>;

/** What the record of pairings on this computer says about those that were interrupted. */
export const recoverySchema = z.strictObject({
  /** Those of this environment, once somebody has signed in to it. */
  settled: z.array(recoveredSchema),
  /** Those that wait for a sign-in, by environment. */
  waiting: z.array(
    z.strictObject({
      count: z.number(),
      /** A profile that leads there; `null`: none does. */
      profile: z.nullable(text),
      environmentId: text,
      host: text,
      /** In the environment that is signed in to, but of somebody whom this session may not serve. */
      ofOthers: z.boolean(),
    }),
  ),
  /** How many a later version of DeskPair has written about, which alone can look after them. */
  newer: z.number(),
  /** Why nothing could be done about them now. */
  problem: z.nullable(appErrorSchema),
});
export type Recovery = z.infer<typeof recoverySchema>;
