import type { Credential, EnrolmentBridge, EnrolmentOptions, EnrolmentResult } from "../contract/enrolment.ts";
import styles from "./page.css?inline";

/**
 * The page in which an authenticator makes its credential. It runs under the relying party's own address, so it is kept
 * as small as a page can be: it asks for the options, runs one ceremony, hands back the answer. Main decides
 * about everything else, the words and the end of the time included, and closes the window.
 */

declare global {
  interface Window {
    readonly deskpairEnrolment: EnrolmentBridge;
  }
}

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);
document.adoptedStyleSheets = [sheet];

const ended = new AbortController();

/** The first answer is the answer: Cancel and the authenticator may both be on their way. */
function answer(result: EnrolmentResult): void {
  if (ended.signal.aborted) return;
  ended.abort();
  void window.deskpairEnrolment.result(result);
}

const cancel = (): void => answer({ outcome: "cancelled" });
find("cancel").addEventListener("click", cancel);
window.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") cancel();
});

void enrol();

async function enrol(): Promise<void> {
  const given = await window.deskpairEnrolment.options();
  // Cannot happen unless main and this page are of two builds; an answer all the same, so that nobody waits.
  if (!given.ok) return answer({ outcome: "refused", name: "DataError" });
  show(given.value);
  count(given.value);
  answer(await create(given.value));
}

async function create({ publicKey }: EnrolmentOptions): Promise<EnrolmentResult> {
  try {
    const credential = await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey),
      // Ends the ceremony when the person cancels: the key stops blinking, the system's dialog goes away.
      signal: ended.signal,
    });
    const made = credential instanceof PublicKeyCredential ? credential.toJSON() : null;
    if (made === null || !isRegistration(made)) return { outcome: "refused", name: "UnknownError" };
    return { outcome: "created", credential: reduced(made) };
  } catch (thrown) {
    return { outcome: "refused", name: thrown instanceof Error ? thrown.name : "UnknownError" };
  }
}

const isRegistration = (made: ReturnType<PublicKeyCredential["toJSON"]>): made is RegistrationResponseJSON =>
  "attestationObject" in made.response;

/** Only what the contract knows: what one browser adds one day must not make the answer unreadable. */
function reduced(made: RegistrationResponseJSON): Credential {
  const { authenticatorAttachment: attachment, clientExtensionResults, response } = made;
  const rk = clientExtensionResults.credProps?.rk;
  return {
    id: made.id,
    rawId: made.rawId,
    type: "public-key",
    authenticatorAttachment: attachment === "platform" || attachment === "cross-platform" ? attachment : null,
    clientExtensionResults: rk === undefined ? {} : { credProps: { rk } },
    response: {
      clientDataJSON: response.clientDataJSON,
      attestationObject: response.attestationObject,
      transports: response.transports,
    },
  };
}

function show({ words, theme, wanted }: EnrolmentOptions): void {
  const root = document.documentElement;
  root.lang = words.language;
  root.dir = words.direction;
  if (theme !== "system") root.dataset["theme"] = theme;
  document.title = words.title;
  find(`picture-${wanted}`).removeAttribute("hidden");
  write("heading", words.heading);
  write("about", words.about);
  write("cancel", words.cancel);
  write("cancel-hint", words.cancelHint);
  find("steps").replaceChildren(
    ...words.steps.map((step) => {
      const item = document.createElement("li");
      item.textContent = step;
      return item;
    }),
  );
  write("announcements", [words.heading, ...words.steps].join(" "));
  // The one thing that can be done here, and Enter and Space do it without looking for it.
  find("cancel").focus({ preventScroll: true });
}

/** Seconds before the end that are worth an interruption; all the others would talk over the person. */
const spokenSeconds: ReadonlySet<number> = new Set([30, 10]);

/** Counts down to the limit that main keeps. Nothing happens here when it is reached. */
function count({ timeoutMs, timeLeftMs, words }: EnrolmentOptions): void {
  const endsAt = performance.now() + timeLeftMs;
  const ring = find("ring");
  const tell = (): void => {
    const leftMs = Math.max(0, endsAt - performance.now());
    const seconds = Math.ceil(leftMs / 1_000);
    ring.setAttribute("stroke-dashoffset", String(1 - Math.min(1, leftMs / timeoutMs)));
    write("time-left", seconds === 0 ? words.timeIsUp : words.timeLeft.replace("{time}", clockOf(seconds)));
    if (spokenSeconds.has(seconds)) write("announcements", words.secondsLeft.replace("{seconds}", String(seconds)));
    if (seconds === 0) clearInterval(timer);
  };
  const timer = setInterval(tell, 1_000);
  ended.signal.addEventListener("abort", () => clearInterval(timer));
  tell();
}

/** `1:42` */
const clockOf = (seconds: number): string => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/** An element of `index.html`. */
function find(id: string): HTMLElement | SVGElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The document has no ${id}.`);
  return element;
}

function write(id: string, words: string): void {
  find(id).textContent = words;
}
