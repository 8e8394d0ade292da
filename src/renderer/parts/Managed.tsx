import { useText } from "../language.ts";
import { Field } from "./Field.tsx";
import { Icon } from "./Icon.tsx";

/** Why something cannot be changed, in words and not by its look alone. */
export function ManagedHint({ id }: { readonly id?: string }) {
  const words = useText().policy.managed;
  return (
    <span className="field-hint managed-hint" {...(id === undefined ? {} : { id })}>
      <Icon name="lock" />
      {words}
    </span>
  );
}

type ManagedFieldProps = {
  readonly label: string;
  readonly value: string;
  readonly technical?: boolean;
};

/**
 * A value that a policy fixes, whatever it is chosen with elsewhere. It can be reached with the keyboard, read and copied:
 * a list that is switched off could only be seen.
 */
export function ManagedField(props: ManagedFieldProps) {
  return <Field {...props} managed onChange={() => undefined} />;
}
