import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useText } from "../language.ts";
import { Button } from "./Button.tsx";

type QuestionProps = {
  readonly heading: string;
  readonly children: ReactNode;
  readonly confirm: string;
  /** What cannot be undone is red, and then Cancel has the focus, so that Enter does no harm. */
  readonly dangerous?: boolean;
  /** What is being done right now, in words; the question cannot be answered meanwhile. */
  readonly pending?: string | null;
  /** There is nothing to confirm, and the text says why. */
  readonly unavailable?: boolean;
  /** Id of what should be read with the confirming button: what it will do, or why it cannot. */
  readonly describedBy?: string | undefined;
  readonly onConfirm: () => void;
  readonly onCancel: () => void;
};

/** A question that must be answered before anything else. Escape answers no. */
export function Question(props: QuestionProps) {
  const text = useText();
  const dangerous = props.dangerous === true;
  const pending = props.pending ?? null;
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      onOpenChange={(open) => {
        if (!open && pending === null) props.onCancel();
      }}
    >
      <Modal className="modal">
        <AriaDialog className="dialog" role="alertdialog">
          <Heading slot="title" className="dialog-heading">
            {props.heading}
          </Heading>
          <div className="dialog-body">{props.children}</div>
          <div className="actions actions-end">
            <Button onPress={props.onCancel} takesFocus={dangerous} unavailable={pending !== null}>
              {text.cancel}
            </Button>
            <Button
              kind={dangerous ? "danger" : "primary"}
              onPress={props.onConfirm}
              takesFocus={!dangerous && props.unavailable !== true}
              unavailable={pending !== null || props.unavailable === true}
              describedBy={props.describedBy}
              icon={pending === null ? undefined : "busy"}
            >
              {pending ?? props.confirm}
            </Button>
          </div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
