import { useId } from "react";
import type { ProfileColor } from "../../contract/settings.ts";
import { useText } from "../language.ts";

type RadioListProps<V extends string> = {
  readonly label: string;
  readonly options: readonly { readonly value: V; readonly label: string; readonly lead: string }[];
  readonly value: V;
  readonly onChange: (value: V) => void;
};

/** One of a few that each need a line of explanation. */
export function RadioList<V extends string>({ label, options, value, onChange }: RadioListProps<V>) {
  const name = useId();
  return (
    <fieldset className="radio-list">
      <legend className="field-label">{label}</legend>
      {options.map((option) => (
        <div key={option.value} className="radio">
          <input
            type="radio"
            name={name}
            id={`${name}-${option.value}`}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            aria-describedby={`${name}-${option.value}-lead`}
          />
          <div>
            <label htmlFor={`${name}-${option.value}`}>{option.label}</label>
            <p className="field-hint" id={`${name}-${option.value}-lead`}>
              {option.lead}
            </p>
          </div>
        </div>
      ))}
    </fieldset>
  );
}

/** Written out, because the contract's own list comes with its validator. A colour that is missing does not compile. */
const colors: { readonly [C in ProfileColor]: C } = {
  blue: "blue",
  teal: "teal",
  green: "green",
  yellow: "yellow",
  orange: "orange",
  red: "red",
  purple: "purple",
  gray: "gray",
};

type ColorChoiceProps = {
  readonly label: string;
  readonly value: ProfileColor | null;
  readonly onChange: (value: ProfileColor | null) => void;
};

/** Each colour as a spot, and the name of the chosen one in words, for those who see colours otherwise. */
export function ColorChoice({ label, value, onChange }: ColorChoiceProps) {
  const text = useText();
  const name = useId();
  return (
    <fieldset className="swatches">
      <legend className="field-label">{label}</legend>
      <div className="swatches-row">
        {[null, ...Object.values(colors)].map((color) => (
          <label key={color} className="swatch">
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              checked={color === value}
              onChange={() => onChange(color)}
            />
            <span className="swatch-spot" data-color={color ?? undefined} />
            <span className="visually-hidden">{color === null ? text.profile.noColor : text.colors[color]}</span>
          </label>
        ))}
        <span className="swatch-name" aria-hidden="true">
          {value === null ? text.profile.noColor : text.colors[value]}
        </span>
      </div>
    </fieldset>
  );
}
