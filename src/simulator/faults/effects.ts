import { type Answer, answerWith, type HttpReply, parseObject, textReply } from "../message.ts";
import type { Call, Context } from "../pingone/handler.ts";
import type { Operation } from "../pingone/routes.ts";

/** What faults of PingOne are made of. */

export type Scene = {
  readonly context: Context;
  readonly call: Call;
  /** The id of the access token that came with the request; `null` where none is needed. */
  readonly tokenId: string | null;
  /** Does what the request asks for, and gives the reply that a healthy server would send. */
  readonly proceed: () => Promise<HttpReply>;
  /** How long a slow answer takes. */
  readonly slowMs: number;
};

export type PingOneFault = {
  /** One sentence, for the rehearsal menu. */
  readonly description: string;
  readonly on: (operation: Operation) => boolean;
  /** How many requests it lasts unless somebody says otherwise; absent: until it is switched off. */
  readonly times?: number;
  readonly act: (scene: Scene) => Answer | Promise<Answer>;
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

const optionNames = new Set(["pingIdDesktopCredentialCreationOptions", "publicKeyCredentialCreationOptions"]);

/** The reply to a creation without what the next step needs. */
export const withoutOptions = (reply: HttpReply): HttpReply => {
  const kept = Object.entries(parseObject(reply.body) ?? {}).filter(([name]) => !optionNames.has(name));
  return { ...reply, body: JSON.stringify(Object.fromEntries(kept)) };
};
