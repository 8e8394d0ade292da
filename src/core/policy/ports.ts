/** What the policy asks of the world: what a management system has put on this computer, exactly as it stands there. */

/** For everybody on this computer, or for the user who is signed in to it. */
export type PolicyScope = "machine" | "user";

/** One value, not yet understood. */
export type PolicyEntry = {
  readonly name: string;
  readonly value: unknown;
  /** The file or the registry key, as an administrator would look for it. */
  readonly place: string;
};

/**
 * How values are written. `typed`: as JSON and property lists do. `registry`: numbers and switches are DWORDs, and what
 * has more structure than a list is JSON in a text. `text`: everything is a text, as in the environment.
 */
export type PolicyForm = "typed" | "registry" | "text";

/**
 * One scope, read as a whole: half a policy could be laxer than the whole of it.
 *
 * `absent`: nobody has set anything, and what was known before counts no more. `unreadable`: something is there, or may
 * be, and cannot be read or cannot be trusted; that says nothing about what was known before.
 */
export type PolicyReading =
  | { readonly state: "absent"; readonly place: string }
  | {
      readonly state: "read";
      readonly place: string;
      readonly form: PolicyForm;
      /** In the order in which they count: a later one replaces an earlier one of the same name. */
      readonly entries: readonly PolicyEntry[];
    }
  | { readonly state: "unreadable"; readonly place: string; readonly problem: string };

export type PolicyReadings = Readonly<Record<PolicyScope, PolicyReading>>;

/** Never rejects: what cannot be read is said in the reading. */
export type PolicySource = {
  readonly read: () => Promise<PolicyReadings>;
  /**
   * Changes when what `read` would say may have changed. Cheap enough for once a minute: looks at files without opening
   * them, or asks the registry.
   */
  readonly stamp: () => Promise<string>;
};
