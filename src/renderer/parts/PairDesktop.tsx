import { type ReactNode, useState } from "react";
import type { Device, User } from "../../contract/views.ts";
import { type Choices, desktopStartOf } from "../choices.ts";
import { useText } from "../language.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { Button } from "./Button.tsx";
import { DeviceLine } from "./DeviceList.tsx";
import { Question } from "./Dialog.tsx";
import { FailureNotice } from "./Notice.tsx";
import { calledName } from "./Person.tsx";

type PairDesktopProps = {
  readonly user: User;
  readonly devices: readonly Device[];
  /** The one that this workstation is paired as: no question, because nothing is done then, and main says so. */
  readonly ownDeviceId: string | null;
  readonly choices: Choices;
  readonly onChoices: (choices: Choices) => void;
  /** Try again as before: what was agreed to then is not asked again. */
  readonly again?: boolean;
  readonly words: string;
  /** Id of the element that says why this user cannot be paired; absent when the user can. */
  readonly refusedBecause?: string;
  /** What stands beside the button. */
  readonly children?: ReactNode;
};

/**
 * The button that starts a pairing, with the question that comes first when the user has such a device already: the
 * commonest mistake at a desk is to pair the same workstation twice.
 */
export function PairDesktop(props: PairDesktopProps) {
  const { user, choices } = props;
  const text = useText();
  const { busy } = useSnapshot();
  const { send, pending, error, clear } = useRequest("pairing.start");
  const [asking, setAsking] = useState(false);
  const existing = props.devices.filter(
    (device) => device.type === "PINGID_DESKTOP_GEN2" && device.status === "ACTIVE",
  );
  const agreed = props.again === true && choices.anotherOne;

  const start = async (anotherOne: boolean) => {
    props.onChoices({ ...choices, anotherOne });
    const outcome = await send(desktopStartOf({ ...choices, anotherOne }));
    // Main has seen a device that was added since this page was drawn.
    const asked = outcome?.ok === false && outcome.error.code === "existing-devices";
    setAsking(asked);
    if (asked) clear();
  };

  const count = Math.max(1, existing.length);
  return (
    <>
      <FailureNotice error={error} />
      <div className="actions">
        <Button
          kind="primary"
          icon={pending ? "busy" : props.again === true ? "refresh" : "desktop"}
          unavailable={props.refusedBecause !== undefined || pending || busy !== null}
          describedBy={props.refusedBecause}
          onPress={() =>
            existing.length > 0 && props.ownDeviceId === null && !agreed ? setAsking(true) : void start(agreed)
          }
        >
          {pending ? text.busy["pairing.start"] : props.words}
        </Button>
        {props.children}
      </div>
      {asking ? (
        <Question
          heading={text.user.existingHeading(calledName(user), count)}
          confirm={text.user.existingConfirm}
          pending={pending ? text.busy["pairing.start"] : null}
          onConfirm={() => void start(true)}
          onCancel={() => setAsking(false)}
        >
          {existing.length === 0 ? null : (
            <ul className="rows rows-inset">
              {existing.map((device) => (
                <li key={device.id} className="row">
                  <DeviceLine device={device} />
                </li>
              ))}
            </ul>
          )}
          <p>{text.user.existingBody}</p>
        </Question>
      ) : null}
    </>
  );
}
