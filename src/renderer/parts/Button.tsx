import type { ReactNode, Ref } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Icon, type IconName } from "./Icon.tsx";

type ButtonProps = {
  readonly children: ReactNode;
  readonly kind?: "primary" | "plain" | "quiet" | "danger" | "link";
  readonly icon?: IconName;
  /** Show the icon alone where there is little room; the words stay for those who cannot see it. */
  readonly compact?: boolean;
  readonly submit?: boolean;
  readonly onPress?: () => void;
  /** Cannot be pressed now. It stays in the tab order, so that focus is not lost and the reason can be read. */
  readonly unavailable?: boolean;
  /** Id of the element that says why it is unavailable. */
  readonly describedBy?: string | undefined;
  readonly label?: string;
  readonly autoFocus?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
};

export function Button(props: ButtonProps) {
  const { kind = "plain", unavailable = false } = props;
  return (
    <AriaButton
      className={`button button-${kind}${props.compact === true ? " button-compact" : ""}`}
      type={props.submit === true && !unavailable ? "submit" : "button"}
      onPress={() => {
        if (!unavailable) props.onPress?.();
      }}
      // `isDisabled` would take the focus away from somebody who has just pressed it.
      render={(domProps) => <button {...domProps} {...(unavailable ? { "aria-disabled": true } : {})} />}
      {...(props.label === undefined ? {} : { "aria-label": props.label })}
      {...(props.describedBy === undefined ? {} : { "aria-describedby": props.describedBy })}
      {...(props.autoFocus === undefined ? {} : { autoFocus: props.autoFocus })}
      {...(props.ref === undefined ? {} : { ref: props.ref })}
    >
      {props.icon === undefined ? null : <Icon name={props.icon} />}
      <span className="button-words">{props.children}</span>
    </AriaButton>
  );
}
