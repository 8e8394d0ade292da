import { useId } from "react";

export type Option = { readonly value: string; readonly label: string };

type ChoiceProps = {
  readonly label: string;
  /** The label stands beside the control instead of above it. */
  readonly inline?: boolean;
  readonly options: readonly Option[];
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly unavailable?: boolean;
};

/**
 * One of several, in the browser's own `select`, styled through `appearance: base-select`. Keyboard, type-ahead, forced
 * colours and screen readers come with it; react-aria's list box would add 30 KB to the page for the same.
 */
export function Choice(props: ChoiceProps) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className={props.inline === true ? "field field-inline" : "field"}>
      <label className="field-label" htmlFor={id}>
        {props.label}
      </label>
      <select
        className="select"
        id={id}
        value={props.value}
        disabled={props.unavailable === true}
        onChange={(event) => props.onChange(event.target.value)}
        {...(props.hint === undefined ? {} : { "aria-describedby": hintId })}
      >
        {/* Our own words instead of the browser's `selectedcontent`, which keeps the old ones when the language changes. */}
        <button type="button">
          <span className="select-value">{props.options.find((option) => option.value === props.value)?.label}</span>
        </button>
        {props.options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {props.hint === undefined ? null : (
        <span className="field-hint" id={hintId}>
          {props.hint}
        </span>
      )}
    </div>
  );
}

/** One of a few short words, all in sight: radio buttons that look like one control with segments. */
export function Segments({ label, options, value, onChange }: ChoiceProps) {
  const name = useId();
  return (
    <fieldset className="segments">
      <legend className="field-label">{label}</legend>
      <div className="segments-row">
        {options.map((option) => (
          <label key={option.value} className="segment">
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span className="segment-words">{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
