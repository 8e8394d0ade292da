import { expect } from "vitest";
import type { Simulator, SimulatorOptions } from "../../src/simulator/index.ts";
import { type Behaviour, makeCredential, type SoftwareCredential } from "../../src/simulator/software-authenticator.ts";
import { activateType, at, origin, type Reply, signedIn, textAt } from "./client.ts";

/** The FIDO2 half of the client that is written by hand against the vendor's pages. */

export const optionsName = "publicKeyCredentialCreationOptions";

const relyingParty = { id: "pingone.eu", name: "PingOne" };

export const policyNamed = (simulator: Simulator, name: string): string => {
  const policy = simulator.world.policies.find((known) => known.name === name);
  if (policy === undefined) throw new Error(`There is no policy ${name}.`);
  return policy.id;
};

/** The options as the vendor's example writes them: a text that holds JSON, with bytes from -128 to 127. */
export const readOptions = (created: Reply): unknown => JSON.parse(textAt(created.body, optionsName));

/** Bytes as numbers, signed or not, or as base64url already. */
export const base64urlOf = (bytes: unknown): string => {
  if (typeof bytes === "string") return bytes;
  if (!Array.isArray(bytes)) throw new Error("There are no bytes.");
  return Buffer.from(Int8Array.from(bytes).buffer).toString("base64url");
};

const padded = (base64url: string): string => Buffer.from(base64url, "base64url").toString("base64");

/** "Activate MFA User Device (FIDO2)": JSON inside a string, `id` in base64url, the other bytes in padded base64. */
export const attestationOf = (credential: SoftwareCredential): string =>
  JSON.stringify({
    id: credential.id,
    type: credential.type,
    rawId: padded(credential.rawId),
    response: {
      clientDataJSON: padded(credential.response.clientDataJSON),
      attestationObject: padded(credential.response.attestationObject),
    },
    clientExtensionResults: credential.clientExtensionResults,
  });

/** How the authenticator answers: under an origin, with an attachment, and wrongly in any way. */
export type Answering = Partial<Behaviour> & {
  readonly origin?: string;
  readonly attachment?: "platform" | "cross-platform";
};

/** A signed-in client and the security keys of one user. */
export const withKeys = async (options: Partial<SimulatorOptions> = {}, username = "ada@example.com") => {
  const scene = await signedIn(options, username);
  const { simulator, call, devices } = scene;
  const rp = { ...relyingParty, id: options.relyingPartyId ?? relyingParty.id };

  const createKey = (changes: object = {}): Promise<Reply> =>
    call("POST", devices, { json: { type: "FIDO2", rp, policy: { id: simulator.policyId }, ...changes } });

  const activateKey = (deviceId: string, json: object): Promise<Reply> =>
    call("POST", `${devices}/${deviceId}`, { json, type: activateType });

  /** Creates a device under the policy of this name and gives what its reply says. */
  const beginKey = async (policy = "Everyone", changes: object = {}) => {
    const created = await createKey({ policy: { id: policyNamed(simulator, policy) }, ...changes });
    expect(created.status).toBe(201);
    return { id: textAt(created.body, "id"), options: readOptions(created), created };
  };

  /** Lets the software authenticator answer, and gives the body of the activation. */
  const answer = (creationOptions: unknown, answering: Answering = {}) => {
    const { origin: wanted = origin, attachment, ...behaviour } = answering;
    const credential = makeCredential(
      {
        rp: { id: textAt(creationOptions, "rp.id") },
        challenge: base64urlOf(at(creationOptions, "challenge")),
        authenticatorSelection: attachment === undefined ? {} : { authenticatorAttachment: attachment },
      },
      wanted,
      behaviour,
    );
    return { credential, body: { origin: wanted, attestation: attestationOf(credential) } };
  };

  /** From the creation to the answer of the activation. */
  const enrol = async (policy = "Everyone", answering: Answering = {}) => {
    const { id, options: creationOptions } = await beginKey(policy);
    const { credential, body } = answer(creationOptions, answering);
    return { id, credential, activated: await activateKey(id, body) };
  };

  return { ...scene, createKey, activateKey, beginKey, answer, enrol };
};
