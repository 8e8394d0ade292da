import type { Phase } from "../../contract/views.ts";
import { useArrival } from "../arrival.ts";
import { useText } from "../language.ts";
import { CancelButton } from "../parts/CancelButton.tsx";
import { CopyableId } from "../parts/Notice.tsx";
import { Waiting } from "../parts/Waiting.tsx";
import { useNow } from "../time.ts";

/** The user enrols a key on the organisation's own page, and main looks out for it. */
export function WatchingBrowser({ phase }: { readonly phase: Extract<Phase, { name: "watching-browser" }> }) {
  const text = useText();
  const words = text.browser;
  const arrival = useArrival<HTMLHeadingElement>(words.heading);
  const now = useNow(true);
  return (
    <>
      <h1 tabIndex={-1} ref={arrival}>
        {words.heading}
      </h1>
      <Waiting
        sign="browser"
        heading={words.waitingHeading}
        body={words.waitingBody}
        lateBody={words.waitingLate}
        startedAt={phase.startedAt}
        deadlineAt={phase.deadlineAt}
        now={now}
      />
      <section className="card" aria-label={words.address}>
        <div>
          <p>{words.addressLead}</p>
          <CopyableId block label={words.address} value={phase.pageUrl} />
        </div>
      </section>
      <CancelButton />
    </>
  );
}
