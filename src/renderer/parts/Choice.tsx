import { useId } from "react";

type Option<V extends string> = { readonly value: V; readonly label: string };

type ChoiceProps<V extends string> = {
  readonly label: string;
  readonly options: readonly Option<V>[];
  readonly value: V;
  readonly onChange: (value: V) => void;
};

type ListProps<V extends string> = ChoiceProps<V> & {
  /** The label stands beside the control instead of above it. */
  readonly inline?: boolean;
  readonly hint?: string | undefined;
  readonly unavailable?: boolean;
};

/**
 * One of several, in the browser's own `select`, styled through `appearance: base-select`. Keyboard, type-ahead, forced
 * colours and screen readers come with it; react-aria's list box would add 30 KB to the page for the same.
 */
export function Choice<V extends string>(props: ListProps<V>) {
  const { options, hint, unavailable = false } = props;
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
        disabled={unavailable}
        onChange={(event) => {
          const chosen = options.find(({ value }) => value === event.target.value);
          if (chosen !== undefined) props.onChange(chosen.value);
        }}
        {...(hint === undefined ? {} : { "aria-describedby": hintId })}
      >
        {/* Our own words instead of the browser's `selectedcontent`, which keeps the old ones when the language changes. */}
        <button type="button">
          <span className="select-value">{options.find(({ value }) => value === props.value)?.label}</span>
        </button>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      {hint === undefined ? null : (
        <span className="field-hint" id={hintId}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** One of a few short words, all in sight: radio buttons that look like one control with segments. */
export function Segments<V extends string>({ label, options, value, onChange }: ChoiceProps<V>) {
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
