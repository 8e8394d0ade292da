import * as z from "zod/mini";
import type { Device } from "../../contract/views.ts";
import type { PlannedRequest } from "../session.ts";
import type { Answer, Call, PingOne } from "./client.ts";
import { collectionReply, createdDesktopReply, deviceReply, toDevice } from "./wire.ts";

/**
 * A user's MFA devices. Source: "MFA Devices", "Create MFA User Device (PingID Desktop)", "Activate MFA User Device
 * (PingID Desktop)", "Update Device Nickname".
 */

export const desktopDeviceType = "PINGID_DESKTOP_GEN2";
const activateType = "application/vnd.pingidentity.device.activate+json";
/** More pages than this are not one user's devices: PingOne allows 15 active and 50 pending. */
const mostPages = 10;

export type RelyingParty = { readonly id: string; readonly name: string };

/** What a create reply gives, each `null` when the reply lacks it, so that the device can be removed all the same. */
export type CreatedDesktop = {
  readonly device: Device;
  readonly relyingPartyId: string | null;
  /** The signed JWT for the desktop agent. Never logged, never kept. */
  readonly options: string | null;
};

export async function listDevices(pingOne: PingOne, userId: string): Promise<Answer<readonly Device[]>> {
  const devices: Device[] = [];
  let path: string | null = `/users/${userId}/devices`;
  let correlationId: string | null = null;
  for (let page = 0; path !== null && page < mostPages; page += 1) {
    const answer: Answer<{ devices: readonly Device[]; next: string | null }> = await pingOne.call({
      method: "GET",
      path,
      action: "list the user's devices",
      read: readPage,
    });
    if (!answer.ok) return answer;
    devices.push(...answer.value.devices);
    path = answer.value.next;
    correlationId = answer.correlationId;
  }
  return { ok: true, value: devices, correlationId };
}

export function readDevice(pingOne: PingOne, userId: string, deviceId: string): Promise<Answer<Device>> {
  return pingOne.call({
    method: "GET",
    path: `/users/${userId}/devices/${deviceId}`,
    action: "read the device",
    read: readOne,
  });
}

export function createDesktop(
  pingOne: PingOne,
  userId: string,
  policyId: string | null,
  relyingParty: RelyingParty | null,
): Promise<Answer<CreatedDesktop>> {
  return pingOne.call({
    ...createDesktopRequest(userId, policyId, relyingParty),
    read: (json) => {
      const reply = createdDesktopReply.safeParse(json);
      if (!reply.success) return { problem: "it is not a device" };
      const options = reply.data.pingIdDesktopCredentialCreationOptions ?? null;
      return { value: { device: toDevice(reply.data), relyingPartyId: reply.data.rp?.id ?? null, options } };
    },
  });
}

export function activateDesktop(
  pingOne: PingOne,
  userId: string,
  deviceId: string,
  attestation: string,
): Promise<Answer<Device>> {
  return pingOne.call({
    method: "POST",
    path: `/users/${userId}/devices/${deviceId}`,
    action: "activate the device",
    contentType: activateType,
    body: { attestation },
    read: readOne,
  });
}

export function nameDevice(
  pingOne: PingOne,
  userId: string,
  deviceId: string,
  nickname: string,
): Promise<Answer<null>> {
  return pingOne.call({ ...nicknameRequest(userId, deviceId, nickname), read: () => ({ value: null }) });
}

/** `false`: it was gone already, which is what the caller wanted. */
export async function removeDevice(pingOne: PingOne, userId: string, deviceId: string): Promise<Answer<boolean>> {
  const answer = await pingOne.call({ ...removalRequest(userId, deviceId), read: () => ({ value: true }) });
  if (answer.ok || answer.status !== 404) return answer;
  return { ok: true, value: false, correlationId: answer.correlationId };
}

type Write = Pick<Call<never>, "method" | "path" | "action" | "contentType" | "body">;

function createDesktopRequest(userId: string, policyId: string | null, relyingParty: RelyingParty | null): Write {
  return {
    method: "POST",
    path: `/users/${userId}/devices`,
    action: "create the device",
    contentType: "application/json",
    body: {
      type: desktopDeviceType,
      status: "ACTIVATION_REQUIRED",
      ...(policyId === null ? {} : { policy: { id: policyId } }),
      ...(relyingParty === null ? {} : { rp: relyingParty }),
    },
  };
}

const nicknameRequest = (userId: string, deviceId: string, nickname: string): Write => ({
  method: "PUT",
  path: `/users/${userId}/devices/${deviceId}/nickname`,
  action: "name the device",
  contentType: "application/json",
  body: { nickname },
});

const removalRequest = (userId: string, deviceId: string): Write => ({
  method: "DELETE",
  path: `/users/${userId}/devices/${deviceId}`,
  action: "remove the device",
});

/** What a removal would send. */
export function planRemoval(pingOne: PingOne, userId: string, deviceId: string): readonly PlannedRequest[] {
  return [planned(pingOne, removalRequest(userId, deviceId))];
}

/** What a pairing would send to PingOne, with names in place of what only the answers can tell. */
export function planDesktop(
  pingOne: PingOne,
  userId: string,
  policyId: string | null,
  relyingParty: RelyingParty | null,
  nickname: string,
): { readonly create: PlannedRequest; readonly activate: PlannedRequest; readonly name: PlannedRequest } {
  const device = "{deviceId}";
  return {
    create: planned(pingOne, createDesktopRequest(userId, policyId, relyingParty)),
    activate: planned(pingOne, {
      method: "POST",
      path: `/users/${userId}/devices/${device}`,
      action: "",
      contentType: activateType,
      body: { attestation: "{attestation from the agent}" },
    }),
    name: planned(pingOne, nicknameRequest(userId, device, nickname)),
  };
}

const planned = (pingOne: PingOne, write: Write): PlannedRequest => ({
  method: write.method,
  url: `${pingOne.endpoints.apiBase}/environments/${pingOne.endpoints.environmentId}${write.path}`,
  contentType: write.contentType ?? null,
  body: write.body === undefined ? null : JSON.stringify(write.body),
});

function readOne(json: unknown): { value: Device } | { problem: string } {
  const reply = deviceReply.safeParse(json);
  return reply.success ? { value: toDevice(reply.data) } : { problem: "it is not a device" };
}

function readPage(json: unknown): { value: { devices: readonly Device[]; next: string | null } } | { problem: string } {
  const page = collectionReply.safeParse(json);
  const devices = z.array(deviceReply).safeParse(page.data?._embedded?.["devices"] ?? []);
  if (!page.success || !devices.success) return { problem: "it is not a list of devices" };
  return { value: { devices: devices.data.map(toDevice), next: page.data._links?.next?.href ?? null } };
}
