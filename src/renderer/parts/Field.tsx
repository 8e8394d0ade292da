import type { Ref } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextField } from "react-aria-components/TextField";
import { useText } from "../language.ts";
import { Icon, type IconName } from "./Icon.tsx";

export type FieldProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: "text" | "password" | "search";
  /** Ids, addresses and domains: letters of one width, no spell checker. */
  readonly technical?: boolean;
  readonly numeric?: boolean;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly placeholder?: string;
  readonly maxLength?: number;
  readonly icon?: IconName;
  readonly onBlur?: () => void;
  readonly onEnter?: () => void;
  readonly inputRef?: Ref<HTMLInputElement>;
  /** A policy fixes it: it can be read and copied. */
  readonly managed?: boolean;
};

/** A labelled text field; its hint and its error are read together with it. */
export function Field(props: FieldProps) {
  const { hint, error, onBlur, onEnter } = props;
  return (
    <TextField
      className="field"
      value={props.value}
      onChange={props.onChange}
      isInvalid={error !== undefined}
      isReadOnly={props.managed === true}
      // Errors come from main or from our own check, in our words and our language, not the browser's.
      validationBehavior="aria"
      type={props.type ?? "text"}
      autoComplete="off"
      spellCheck="false"
      {...(props.maxLength === undefined ? {} : { maxLength: props.maxLength })}
      {...(props.numeric === true ? { inputMode: "numeric" as const } : {})}
      {...(onBlur === undefined ? {} : { onBlur })}
      {...(onEnter === undefined
        ? {}
        : {
            onKeyDown: (event) => {
              // react-aria keeps what a handler has seen to itself, and Escape closes the dialog around the field.
              if (event.key !== "Enter") return event.continuePropagation();
              // The same key would press the button that has the focus on the screen that comes next.
              event.preventDefault();
              onEnter();
            },
          })}
    >
      <Label className="field-label">{props.label}</Label>
      <div className="field-box">
        {props.icon === undefined ? null : <Icon name={props.icon} />}
        <Input
          className={`input${props.technical === true ? " input-technical" : ""}`}
          {...(props.placeholder === undefined ? {} : { placeholder: props.placeholder })}
          {...(props.inputRef === undefined ? {} : { ref: props.inputRef })}
        />
      </div>
      <Description managed={props.managed === true} hint={error === undefined ? hint : undefined} />
      <FieldError className="field-error">{error}</FieldError>
    </TextField>
  );
}

/** How to fill it in, or why nobody can. */
function Description({ managed, hint }: { readonly managed: boolean; readonly hint: string | undefined }) {
  const words = useText().policy.managed;
  if (managed) {
    return (
      <Text slot="description" className="field-hint managed-hint">
        <Icon name="lock" />
        {words}
      </Text>
    );
  }
  if (hint === undefined) return null;
  return (
    <Text slot="description" className="field-hint">
      {hint}
    </Text>
  );
}
