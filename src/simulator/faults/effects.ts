import { type Answer, answerWith, type HttpReply, parseObject, textReply } from "../message.ts";
import type { Call, Context } from "../pingone/handler.ts";
import type { Operation } from "../pingone/routes.ts";
import type { GrantType } from "../sign-in/applications.ts";

/** What faults of PingOne are made of. */

export type Scene = {
  readonly context: Context;
  readonly call: Call;
  /** The id of the access token that came with the request; `null` where none is needed. */
  readonly tokenId: string | null;
  /** Does what the request asks for, and gives the reply that a healthy server would send; or one in another context. */
  readonly proceed: (changed?: Context) => Promise<HttpReply>;
  /** How long a slow answer takes. */
  readonly slowMs: number;
};

/** Which of the two pairings something is about: a workstation, or an authenticator. */
export type Pairing = "desktop" | "fido2";

export type PingOneFault = {
  /** One sentence, for the rehearsal menu. */
  readonly description: string;
  readonly on: (operation: Operation) => boolean;
  /** Absent: either. Others do not meet the fault, and are not counted. */
  readonly pairing?: Pairing;
  /** Of a token request. Absent: any. Others do not meet the fault, and are not counted. */
  readonly grant?: GrantType;
  /** How many requests it lasts unless somebody says otherwise; absent: until it is switched off. */
  readonly times?: number;
  readonly act: (scene: Scene) => Answer | Promise<Answer>;
};

const deviceTypes: Readonly<Record<Pairing, string>> = { desktop: "PINGID_DESKTOP_GEN2", fido2: "FIDO2" };

/** Whether a request is part of the pairing, or of the way to a token, that the fault is about. */
export const concerns = (
  { pairing, grant }: PingOneFault,
  { world }: Context,
  { request, parameters }: Call,
): boolean => {
  if (grant !== undefined && new URLSearchParams(request.body).get("grant_type") !== grant) return false;
  if (pairing === undefined) return true;
  const type = world.devices.get(parameters["device"] ?? "")?.type ?? parseObject(request.body)?.["type"];
  return type === deviceTypes[pairing];
};

/** The request is not carried out; this is answered instead. */
export const instead = (reply: (scene: Scene) => HttpReply) => (scene: Scene) => answerWith(reply(scene));

/** The request is carried out; when that succeeds, something happens to the answer. */
export const afterwards =
  (change: (reply: HttpReply, scene: Scene) => Answer) =>
  async (scene: Scene): Promise<Answer> => {
    const reply = await scene.proceed();
    return reply.status < 300 ? change(reply, scene) : answerWith(reply);
  };

/** An error page as gateways send it. */
export const html = (status: number, title: string): HttpReply =>
  textReply(status, "text/html;charset=utf-8", `<!doctype html><html><head><title>${title}</title></head></html>`);

/** The reply to a creation without what the next step needs. */
export const withoutMember = (reply: HttpReply, name: string): HttpReply => {
  const kept = Object.entries(parseObject(reply.body) ?? {}).filter(([known]) => known !== name);
  return { ...reply, body: JSON.stringify(Object.fromEntries(kept)) };
};
