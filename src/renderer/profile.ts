import type { AppError } from "../contract/errors.ts";
import type { ProfileSave } from "../contract/ipc.ts";
import type { ProfileSettings } from "../contract/settings.ts";
import { isBaseAddress, isClientId, isDomain, isHostName, isPage, isPort, isUuid } from "./checks.ts";
import type { Text } from "./text.ts";

/** A profile while it is being filled in: what is typed, what is wrong with it, and what goes to main. */

const typedFields = [
  "apiUrl",
  "authUrl",
  "authDomain",
  "environmentId",
  "clientId",
  "redirectPort",
  "agentPort",
  "policyId",
  "relyingPartyId",
  "enrolmentPageUrl",
] as const;
type Typed = (typeof typedFields)[number];
export type FieldName = "name" | Typed;
const fields: readonly FieldName[] = ["name", ...typedFields];

/** Everything that has a field as it is typed, the rest as it is saved. */
export type Draft = { readonly [F in FieldName]: string } & Omit<ProfileSettings, Typed>;

export type FieldProblems = { readonly [F in FieldName]?: string };

/** Written out, because the contract's own values come with its validator. */
export const newDraft: Draft = {
  name: "",
  mode: "technician",
  region: "NA",
  apiUrl: "",
  authUrl: "",
  authDomain: "",
  environmentId: "",
  clientId: "",
  clientAuthentication: "secret-basic",
  redirectPort: "7464",
  agentPort: "9410",
  policyId: "",
  relyingPartyId: "",
  enrolmentPageUrl: "",
  color: null,
  production: false,
};

export const draftOf = (name: string, settings: ProfileSettings): Draft => ({
  name,
  mode: settings.mode,
  region: settings.region,
  apiUrl: settings.apiUrl ?? "",
  authUrl: settings.authUrl ?? "",
  authDomain: settings.authDomain ?? "",
  environmentId: settings.environmentId,
  clientId: settings.clientId,
  clientAuthentication: settings.clientAuthentication,
  redirectPort: String(settings.redirectPort),
  agentPort: String(settings.agentPort),
  policyId: settings.policyId ?? "",
  relyingPartyId: settings.relyingPartyId ?? "",
  enrolmentPageUrl: settings.enrolmentPageUrl ?? "",
  color: settings.color,
  production: settings.production,
});

/** Whether it has what a sign-in cannot do without. */
export const isComplete = ({ environmentId, clientId }: ProfileSettings): boolean =>
  environmentId !== "" && clientId !== "";

/** The address to which the browser comes back, as it has to be registered. */
export const redirectAddressOf = ({ redirectPort }: Draft): string =>
  `http://127.0.0.1:${isPort(redirectPort.trim()) ? redirectPort.trim() : newDraft.redirectPort}/callback`;

/** What is wrong with what was typed, next to the field it is about. `taken`: the names of the other profiles. */
export function problemsOf(draft: Draft, taken: readonly string[], text: Text): FieldProblems {
  const words = text.profile.problems;
  const value = (field: FieldName) => draft[field].trim();
  const found = new Map<FieldName, string>();
  /** Empty is well for everything but the fields that must be there, which are asked first. */
  const check = (field: FieldName, fits: (typed: string) => boolean, problem: string) => {
    if (!found.has(field) && value(field) !== "" && !fits(value(field))) found.set(field, problem);
  };
  if (value("name") === "") found.set("name", words.nameMissing);
  if (taken.some((name) => sameName(name, value("name")))) found.set("name", words.nameTaken);
  if (value("environmentId") === "") found.set("environmentId", words.environmentIdMissing);
  check("environmentId", isUuid, words.environmentIdInvalid);
  if (value("clientId") === "") found.set("clientId", words.clientIdMissing);
  check("clientId", isClientId, words.clientIdInvalid);
  check("clientId", (typed) => !sameName(typed, value("environmentId")), words.clientIdIsEnvironment);
  check("apiUrl", isBaseAddress, words.addressInvalid);
  check("authUrl", isBaseAddress, words.addressInvalid);
  check("authDomain", isHostName, words.domainInvalid);
  if (draft.mode !== "worker") {
    if (!isPort(value("redirectPort"))) found.set("redirectPort", words.portInvalid);
    check("redirectPort", (typed) => Number(typed) !== Number(value("agentPort")), words.portOfAgent);
  }
  if (!isPort(value("agentPort"))) found.set("agentPort", words.portInvalid);
  check("policyId", isUuid, words.policyIdInvalid);
  check("relyingPartyId", isDomain, text.settings.relyingPartyInvalid);
  check("enrolmentPageUrl", isPage, text.settings.enrolmentPageInvalid);
  return Object.fromEntries(found);
}

/** Names that only capitals tell apart cannot be told apart by people. */
const sameName = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

/** The draft as main takes it. Only for one without problems. */
export function saveOf(draft: Draft, formerName: string | null): ProfileSave {
  const value = (field: FieldName) => draft[field].trim();
  const given = (field: FieldName) => (value(field) === "" ? null : value(field));
  return {
    name: value("name"),
    formerName,
    settings: {
      mode: draft.mode,
      region: draft.region,
      apiUrl: given("apiUrl"),
      authUrl: given("authUrl"),
      authDomain: given("authDomain"),
      environmentId: value("environmentId"),
      clientId: value("clientId"),
      clientAuthentication: draft.clientAuthentication,
      // Hidden for a worker application, so what was typed there before may be nonsense.
      redirectPort: Number(isPort(value("redirectPort")) ? value("redirectPort") : newDraft.redirectPort),
      agentPort: Number(value("agentPort")),
      policyId: given("policyId"),
      relyingPartyId: given("relyingPartyId"),
      enrolmentPageUrl: given("enrolmentPageUrl"),
      color: draft.color,
      production: draft.production,
    },
  };
}

/** What the core calls the settings of this form in its failures. */
const settingNames: Record<FieldName, string> = {
  name: "profile name",
  apiUrl: "API address",
  authUrl: "sign-in address",
  authDomain: "custom domain",
  environmentId: "environment id",
  clientId: "client id",
  redirectPort: "redirect port",
  agentPort: "agent port",
  policyId: "policy id",
  relyingPartyId: "relying party",
  enrolmentPageUrl: "enrolment page",
};

/** The field of a setting, also of one out of several (`region or API address`). */
const fieldOf = (setting: string): FieldName | undefined =>
  fields.find((field) => setting.endsWith(settingNames[field]));

/** The part of a failure that belongs next to a field. Empty when it is about no field of this form. */
export function problemsIn(error: AppError | null, text: Text): FieldProblems {
  const words = text.profile.problems;
  switch (error?.code) {
    case "configuration-invalid": {
      const field = fieldOf(error.setting);
      const problem = `${error.problem.charAt(0).toUpperCase()}${error.problem.slice(1)}.`;
      return field === undefined ? {} : { [field]: problem };
    }
    case "configuration-missing": {
      const missing = new Set(error.settings.map(fieldOf));
      return {
        ...(missing.has("environmentId") ? { environmentId: words.environmentIdMissing } : {}),
        ...(missing.has("clientId") ? { clientId: words.clientIdMissing } : {}),
      };
    }
    default:
      return {};
  }
}
