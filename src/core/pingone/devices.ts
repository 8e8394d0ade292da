import * as z from "zod/mini";
import type { AppError } from "../../contract/errors.ts";
import type { Device } from "../../contract/views.ts";
import type { Answer, Call, PingOne } from "./client.ts";
import { collectionReply, createdDeviceReply, deviceReply, toDevice } from "./wire.ts";

/**
 * A user's MFA devices. Source: "MFA Devices", "Create MFA User Device" and "Activate MFA User Device" (each for
 * PingID Desktop and FIDO2), "Update Device Nickname".
 */

export const desktopDeviceType = "PINGID_DESKTOP_GEN2";
export const fido2DeviceType = "FIDO2";
const activateType = "application/vnd.pingidentity.device.activate+json";
/** More pages than this are not one user's devices: PingOne allows 15 active and 50 pending. */
const mostPages = 10;

export type RelyingParty = { readonly id: string; readonly name: string };

/** A request that a dry run would send. Holds no secret: what only an answer can tell stands in braces. */
export type PlannedRequest = {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | null;
  readonly body: string | null;
};

/** The two types that DeskPair creates. */
export type NewDevice = {
  readonly type: typeof desktopDeviceType | typeof fido2DeviceType;
  readonly policyId: string | null;
  /** Required by PingOne for FIDO2; for a desktop device `null` leaves it to the MFA policy. */
  readonly relyingParty: RelyingParty | null;
};

/** What a create reply gives. Relying party and options are absent or `null` when the reply lacks them, so that the
 * device can be removed all the same. */
export type CreatedDevice = {
  readonly device: Device;
  readonly relyingPartyId: string | null;
  /**
   * Desktop: the signed JWT for the agent. FIDO2: the WebAuthn options, as a string of JSON or parsed already. Never
   * logged, never kept.
   */
  readonly options: unknown;
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
  // Half a list must not look like a whole one: somebody may conclude from it that a device is not there.
  if (path !== null) {
    const error: AppError = {
      code: "reply-invalid",
      action: "list the user's devices",
      problem: "it has no last page",
    };
    return { ok: false, error, status: null, certainty: "not-done", correlationId };
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

export function createDevice(pingOne: PingOne, userId: string, wanted: NewDevice): Promise<Answer<CreatedDevice>> {
  return pingOne.call({
    ...creationRequest(userId, wanted),
    read: (json) => {
      const reply = createdDeviceReply.safeParse(json);
      if (!reply.success) return { problem: "it is not a device" };
      const { pingIdDesktopCredentialCreationOptions: desktop, publicKeyCredentialCreationOptions: fido2 } = reply.data;
      const options = wanted.type === desktopDeviceType ? desktop : fido2;
      return {
        value: { device: toDevice(reply.data), relyingPartyId: reply.data.rp?.id ?? null, options: options ?? null },
      };
    },
  });
}

/** @param proof the agent's attestation, or origin and attestation of a FIDO2 ceremony */
export function activateDevice(
  pingOne: PingOne,
  userId: string,
  deviceId: string,
  proof: { readonly attestation: string; readonly origin?: string },
): Promise<Answer<Device>> {
  return pingOne.call({ ...activationRequest(userId, deviceId, proof), read: readOne });
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

const creationRequest = (userId: string, wanted: NewDevice): Write => ({
  method: "POST",
  path: `/users/${userId}/devices`,
  action: "create the device",
  contentType: "application/json",
  body: {
    type: wanted.type,
    ...(wanted.type === desktopDeviceType ? { status: "ACTIVATION_REQUIRED" } : {}),
    ...(wanted.relyingParty === null ? {} : { rp: wanted.relyingParty }),
    ...(wanted.policyId === null ? {} : { policy: { id: wanted.policyId } }),
  },
});

const activationRequest = (
  userId: string,
  deviceId: string,
  proof: { readonly attestation: string; readonly origin?: string },
): Write => ({
  method: "POST",
  path: `/users/${userId}/devices/${deviceId}`,
  action: "activate the device",
  contentType: activateType,
  body:
    proof.origin === undefined
      ? { attestation: proof.attestation }
      : { origin: proof.origin, attestation: proof.attestation },
});

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

/** What a pairing would send to PingOne, with names in braces where only the answers can tell. */
export function planDevice(
  pingOne: PingOne,
  userId: string,
  wanted: NewDevice,
  nickname: string,
): { readonly create: PlannedRequest; readonly activate: PlannedRequest; readonly name: PlannedRequest } {
  const device = "{deviceId}";
  const proof =
    wanted.type === desktopDeviceType
      ? { attestation: "{attestation from the agent}" }
      : { origin: "{origin of the ceremony}", attestation: "{attestation from the authenticator}" };
  return {
    create: planned(pingOne, creationRequest(userId, wanted)),
    activate: planned(pingOne, activationRequest(userId, device, proof)),
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
