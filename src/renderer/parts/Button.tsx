import type { ReactNode, Ref } from "react";
import { Button as AriaButton } from "react-aria-components/Button";
import { Icon, type IconName } from "./Icon.tsx";

type ButtonProps = {
  readonly children: ReactNode;
  readonly kind?: "primary" | "plain" | "quiet" | "danger" | "link";
  readonly icon?: IconName | undefined;
  /** Show the icon alone where there is little room; the words stay for those who cannot see it. */
  readonly compact?: boolean;
  readonly submit?: boolean;
  readonly onPress?: () => void;
  /** Cannot be pressed now. It stays in the tab order, so that focus is not lost and the reason can be read. */
  readonly unavailable?: boolean;
  /** Id of the element that says why it is unavailable. */
  readonly describedBy?: string | undefined;
  readonly label?: string;
  /** Has the focus as soon as it is there. For dialogs: there the focus must go somewhere. */
  readonly takesFocus?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
};

export function Button({ children, kind = "plain", icon, compact = false, submit = false, ...rest }: ButtonProps) {
  const { onPress, unavailable = false, describedBy, label, takesFocus = false, ref = null } = rest;
  return (
    <AriaButton
      ref={ref}
      className={compact ? `button button-${kind} button-compact` : `button button-${kind}`}
      type={submit && !unavailable ? "submit" : "button"}
      onPress={() => {
        if (!unavailable) onPress?.();
      }}
      // `isDisabled` would take the focus away from somebody who has just pressed it.
      render={(domProps) => <button {...domProps} {...(unavailable ? { "aria-disabled": true } : {})} />}
      {...(label === undefined ? {} : { "aria-label": label })}
      {...(describedBy === undefined ? {} : { "aria-describedby": describedBy })}
      {...(takesFocus ? { autoFocus: true } : {})}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      <span className="button-words">{children}</span>
    </AriaButton>
  );
}
