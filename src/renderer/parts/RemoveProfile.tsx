import { useState } from "react";
import { useText } from "../language.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { Button } from "./Button.tsx";
import { Question } from "./Dialog.tsx";
import { FailureNotice } from "./Notice.tsx";

/** Removes a profile after a question. When it is gone another screen comes, or the same for another profile. */
export function RemoveProfile({ name }: { readonly name: string }) {
  const text = useText();
  const { busy } = useSnapshot();
  const removal = useRequest("profile.remove");
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        kind="link"
        unavailable={busy !== null}
        onPress={() => {
          removal.clear();
          setAsking(true);
        }}
      >
        {text.signIn.remove}
      </Button>
      {asking ? (
        <Question
          dangerous
          heading={text.signIn.removeHeading(name)}
          confirm={text.signIn.removeConfirm}
          pending={removal.pending ? text.busy["profile.remove"] : null}
          onConfirm={() => {
            void removal.send({ name }).then((outcome) => {
              if (outcome?.ok === true) setAsking(false);
            });
          }}
          onCancel={() => setAsking(false)}
        >
          <p>{text.signIn.removeBody}</p>
          <FailureNotice error={removal.error} />
        </Question>
      ) : null}
    </>
  );
}
