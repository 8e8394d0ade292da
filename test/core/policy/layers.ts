import type { PolicyForm, PolicyScope } from "../../../src/core/policy/ports.ts";
import { type KnownPolicy, type Layers, nowKnown } from "../../../src/core/policy/precedence.ts";

const places: Readonly<Record<PolicyScope, string>> = { machine: "/machine", user: "/user" };

/** A scope with these values, all in one place. */
export const written = (scope: PolicyScope, values: object, form: PolicyForm = "typed"): KnownPolicy =>
  nowKnown(null, {
    state: "read",
    place: places[scope],
    form,
    entries: Object.entries(values).map(([name, value]: [string, unknown]) => ({ name, value, place: places[scope] })),
  });

export const absent = (scope: PolicyScope): KnownPolicy => nowKnown(null, { state: "absent", place: places[scope] });

export const unreadable = (scope: PolicyScope, before: KnownPolicy | null = null): KnownPolicy =>
  nowKnown(before, { state: "unreadable", place: places[scope], problem: "it is not JSON" });

/** Nothing is set anywhere but what is given. */
export const layersOf = ({
  machine = absent("machine"),
  user = absent("user"),
  ...others
}: Partial<Omit<Layers, "policy">> & { readonly machine?: KnownPolicy; readonly user?: KnownPolicy }): Layers => ({
  policy: { machine, user },
  flags: {},
  environment: {},
  profile: null,
  window: {},
  ...others,
});
