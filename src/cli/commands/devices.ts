import type { Device, User } from "../../contract/views.ts";
import type { Session } from "../../core/session.ts";
import { confirmInProduction } from "../confirm.ts";
import { type Context, cancelled, inSession, type Opened, report } from "../context.ts";
import { exitDone } from "../exit-codes.ts";
import { unlessInterrupted } from "../interrupt.ts";
import { json, pairs, printable, table } from "../output.ts";
import type { Order } from "../program.ts";
import { reportPlan } from "./pairing.ts";

type DeviceOrder = Extract<Order, { name: "devices-list" | "devices-show" | "devices-remove" }>;

/** `deskpair devices …`. Resolves with the exit number. */
export function devices(context: Context, order: DeviceOrder): Promise<number> {
  const given = { policyId: null, relyingPartyId: null, user: order.user };
  return inSession(
    context,
    given,
    (opened) => forUser(context, order, opened),
    // Asked before somebody signs in for nothing.
    ({ configuration }) =>
      order.name === "devices-remove" && !order.dryRun && !order.yes
        ? confirmInProduction(context, configuration, "remove the device")
        : Promise.resolve(null),
  );
}

async function forUser(context: Context, order: DeviceOrder, { session, user: query }: Opened): Promise<number> {
  const found = await unlessInterrupted(session.resolveUser(query), context.signal, cancelled);
  if (!found.ok) return report(context, found.error);
  const user = found.value;
  switch (order.name) {
    case "devices-list": {
      const listed = await unlessInterrupted(session.listDevices(user.id), context.signal, cancelled);
      return listed.ok ? reportList(context, user, listed.value) : report(context, listed.error);
    }
    case "devices-show": {
      const read = await unlessInterrupted(session.readDevice(user.id, order.device), context.signal, cancelled);
      return read.ok ? reportDevice(context, user, read.value) : report(context, read.error);
    }
    case "devices-remove":
      return order.dryRun
        ? planned(context, user, session.planRemoval(user.id, order.device))
        : remove(context, session, user, order.device);
    default:
      return order satisfies never;
  }
}

function reportList({ output }: Context, user: User, list: readonly Device[]): number {
  const rows = list.map((device) => [
    device.id,
    device.type,
    statusOf(device),
    device.nickname ?? "",
    device.createdAt ?? "",
  ]);
  const text =
    list.length === 0
      ? `${printable(user.username)} has no devices.`
      : table(["ID", "TYPE", "STATUS", "NAME", "CREATED"], rows);
  output.result({ ok: true, user: json.user(user), devices: list.map(json.listedDevice) }, text);
  return exitDone;
}

function reportDevice({ output }: Context, user: User, device: Device): number {
  const text = pairs([
    ["Device", device.id],
    ["Type", device.type],
    ["Status", statusOf(device)],
    ["Name", device.nickname],
    ["System", device.system],
    ["Application", device.application],
    ["Relying party", device.relyingPartyId],
    ["Created", device.createdAt],
    ["User", `${user.username} (${user.id})`],
  ]);
  output.result({ ok: true, user: json.user(user), device: json.listedDevice(device) }, text);
  return exitDone;
}

/** An interrupt does not stop a removal that is on its way: its outcome would not be known. */
async function remove(context: Context, session: Session, user: User, deviceId: string): Promise<number> {
  const { output } = context;
  const removed = await session.removeDevice(user.id, deviceId);
  if (!removed.ok) return report(context, removed.error);
  const changed = removed.value.removed;
  const words = changed ? `The device ${deviceId} was removed.` : `The device ${deviceId} was gone already.`;
  output.result(
    { ok: true, changed, device: { id: deviceId }, user: json.user(user) },
    `${output.style.done} ${printable(words)}`,
  );
  return exitDone;
}

function planned(context: Context, user: User, plan: ReturnType<Session["planRemoval"]>): number {
  return plan.ok ? reportPlan(context, user, plan.value) : report(context, plan.error);
}

const statusOf = ({ status, locked, blocked }: Device): string =>
  [status, ...(locked ? ["locked"] : []), ...(blocked ? ["blocked"] : [])].join(", ");
