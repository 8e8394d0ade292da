import { useEffect, useRef, useState } from "react";
import type { Device, User } from "../../contract/views.ts";
import { useText } from "../language.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { momentOf, useNow } from "../time.ts";
import { Button } from "./Button.tsx";
import { Checkbox } from "./Checkbox.tsx";
import { Question } from "./Dialog.tsx";
import { Icon, type IconName } from "./Icon.tsx";
import { FailureNotice, Notice } from "./Notice.tsx";
import { calledName, Outside } from "./Person.tsx";

const typeIcons: Readonly<Record<string, IconName>> = {
  PINGID_DESKTOP_GEN2: "desktop",
  DESKTOP: "desktop",
  PLATFORM: "desktop",
  MOBILE: "phone",
  TOTP: "clock",
  EMAIL: "mail",
  SMS: "message",
  VOICE: "phone",
  WHATSAPP: "message",
};

type DeviceLineProps = { readonly device: Device };

/** What a device is called: its nickname, else its type in words. */
function useDeviceName(): (device: Device) => string {
  const text = useText();
  return (device) => device.nickname ?? text.devices.type(device.type);
}

/** A device without anything to press: for the list and for questions about it. */
export function DeviceLine({ device }: DeviceLineProps) {
  const text = useText();
  const name = useDeviceName()(device);
  const now = useNow(false);
  const created = device.createdAt === null ? null : momentOf(device.createdAt, now);
  const facts = [
    device.nickname === null ? null : text.devices.type(device.type),
    device.system === null ? null : text.devices.system(device.system),
    created === null ? null : text.devices.created(created.relative, created.absolute),
  ].filter((fact) => fact !== null);
  return (
    <div className="device">
      <Icon name={typeIcons[device.type] ?? "key"} />
      <div className="device-words">
        <p className="device-name">
          <Outside>{name}</Outside>
          <span className={device.status === "ACTIVE" ? "badge badge-good" : "badge"}>
            {text.devices.status(device.status)}
          </span>
          {device.locked ? (
            <span className="badge badge-caution">
              <Icon name="lock" />
              {text.devices.locked}
            </span>
          ) : null}
          {device.blocked ? (
            <span className="badge badge-bad">
              <Icon name="block" />
              {text.devices.blocked}
            </span>
          ) : null}
        </p>
        <p className="device-facts">
          {facts.map((fact) => (
            <bdi key={fact}>{fact}</bdi>
          ))}
        </p>
      </div>
    </div>
  );
}

/** The devices of a user, each with the way to remove it. */
export function DeviceList({ user, devices }: { readonly user: User; readonly devices: readonly Device[] }) {
  const text = useText();
  const nameOf = useDeviceName();
  const { busy, operator } = useSnapshot();
  const heading = useRef<HTMLHeadingElement>(null);
  const refresh = useRequest("user.refresh");
  const removal = useRequest("device.remove");
  const [doomedId, setDoomedId] = useState<string | null>(null);
  /** In production the removal is asked about twice: by the question, and by this. */
  const [sure, setSure] = useState(false);
  const productionName = operator?.production === true ? (operator.environmentName ?? operator.profile) : null;
  // The question goes with the device, whether the answer or the list without it arrives first.
  const doomed = devices.find((device) => device.id === doomedId) ?? null;

  // The row with the focused button is gone then; the focus would fall back to the top of the window.
  const awaited = useRef<string | null>(null);
  useEffect(() => {
    if (awaited.current === null || devices.some((device) => device.id === awaited.current)) return;
    awaited.current = null;
    heading.current?.focus();
  }, [devices]);

  const remove = async (device: Device) => {
    awaited.current = device.id;
    const outcome = await removal.send({ deviceId: device.id, confirmed: true });
    if (outcome?.ok === true) setDoomedId(null);
    else awaited.current = null;
  };

  return (
    <section className="card" aria-labelledby="devices-heading">
      <div className="card-head">
        <h2 id="devices-heading" tabIndex={-1} ref={heading}>
          {text.devices.heading}
        </h2>
        <span className="card-note">
          {refresh.pending ? text.busy["user.refresh"] : devices.length === 0 ? "" : text.devices.count(devices.length)}
        </span>
        <Button kind="quiet" icon="refresh" unavailable={busy !== null} onPress={() => void refresh.send(null)}>
          {text.devices.refresh}
        </Button>
      </div>
      <FailureNotice error={refresh.error} />
      {devices.length === 0 ? (
        <p className="empty">{text.devices.none}</p>
      ) : (
        <ul className="rows">
          {devices.map((device) => (
            <li key={device.id} className="row">
              <DeviceLine device={device} />
              <Button
                kind="quiet"
                icon="remove"
                compact
                label={text.devices.removeOne(nameOf(device))}
                onPress={() => {
                  removal.clear();
                  setSure(false);
                  setDoomedId(device.id);
                }}
              >
                {text.devices.remove}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {doomed === null ? null : (
        <Question
          dangerous
          heading={text.devices.removeHeading(nameOf(doomed))}
          confirm={text.devices.removeConfirm}
          pending={removal.pending ? text.busy["device.remove"] : null}
          unavailable={productionName !== null && !sure}
          describedBy={productionName === null ? undefined : "production-notice"}
          onConfirm={() => void remove(doomed)}
          onCancel={() => setDoomedId(null)}
        >
          <DeviceLine device={doomed} />
          <p>{text.devices.removeBody(calledName(user))}</p>
          {productionName === null ? null : (
            <>
              <Notice tone="caution" id="production-notice">
                <p>{text.devices.production(productionName)}</p>
              </Notice>
              <Checkbox label={text.devices.productionConfirm(productionName)} checked={sure} onChange={setSure} />
            </>
          )}
          <FailureNotice error={removal.error} />
        </Question>
      )}
    </section>
  );
}
