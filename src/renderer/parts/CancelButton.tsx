import { useEffect } from "react";
import { useText } from "../language.ts";
import { useRequest } from "../request.ts";
import { Button } from "./Button.tsx";
import { FailureNotice } from "./Notice.tsx";

type CancelButtonProps = {
  readonly request?: "pairing.cancel" | "session.cancelSignIn";
  /** It has been cancelled, and this says what is being done. */
  readonly undoing?: string | null;
};

/** Cancels what runs, by press or by Escape. */
export function CancelButton({ request = "pairing.cancel", undoing = null }: CancelButtonProps) {
  const text = useText();
  const cancel = useRequest(request);
  const words = undoing ?? (cancel.pending ? text.busy[request] : null);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // Escape in an open list closes the list.
      if (event.key !== "Escape" || event.defaultPrevented || event.target instanceof HTMLSelectElement) return;
      if (words === null) void cancel.send(null);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  });

  return (
    <>
      <FailureNotice error={cancel.error} />
      <div className="actions">
        <Button
          unavailable={words !== null}
          icon={words === null ? undefined : "busy"}
          onPress={() => void cancel.send(null)}
        >
          {words ?? text.cancel}
        </Button>
        {words === null ? <kbd className="key-hint">{text.pairing.cancelHint}</kbd> : null}
      </div>
    </>
  );
}
