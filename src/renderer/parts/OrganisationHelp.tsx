import { useText } from "../language.ts";
import { useSnapshot } from "../store.ts";
import { HelpLink } from "./HelpLink.tsx";
import { Outside } from "./Person.tsx";

/** What the organisation says to those with whom something has failed. Nothing, where it says nothing. */
export function OrganisationHelp() {
  const text = useText();
  const { help } = useSnapshot().management;
  if (help.text === null && help.link === null) return null;
  return (
    <div className="organisation-help">
      {help.text === null ? null : (
        <p>
          <Outside>{help.text}</Outside>
        </p>
      )}
      {help.link === null ? null : <HelpLink name="help.organisation">{text.policy.helpLink(help.link)}</HelpLink>}
    </div>
  );
}
