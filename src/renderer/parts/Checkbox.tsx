import { useId } from "react";
import { ManagedHint } from "./Managed.tsx";

type CheckboxProps = {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly checked: boolean;
  /** A policy fixes it. It stays in the tab order, so that the reason can be read. */
  readonly managed?: boolean;
  readonly onChange: (checked: boolean) => void;
};

/** Yes or no, in the browser's own checkbox; its words are part of what can be pressed. */
export function Checkbox({ label, hint, checked, managed = false, onChange }: CheckboxProps) {
  const id = useId();
  return (
    <div className="checkbox">
      <input
        type="checkbox"
        id={id}
        checked={checked}
        onChange={(event) => {
          if (!managed) onChange(event.target.checked);
        }}
        {...(managed ? { "aria-disabled": true } : {})}
        {...(hint === undefined && !managed ? {} : { "aria-describedby": `${id}-hint` })}
      />
      <div>
        <label htmlFor={id}>{label}</label>
        {managed ? <ManagedHint id={`${id}-hint`} /> : null}
        {hint === undefined || managed ? null : (
          <p className="field-hint" id={`${id}-hint`}>
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}
