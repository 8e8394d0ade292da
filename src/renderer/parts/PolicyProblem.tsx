import { useText } from "../language.ts";
import { policyProblemId } from "../managed.ts";
import { useSnapshot } from "../store.ts";
import { Button } from "./Button.tsx";
import { Notice } from "./Notice.tsx";
import { OrganisationHelp } from "./OrganisationHelp.tsx";

/** To those who are signed in when a policy breaks: why nothing goes on, and whom to tell. */
export function PolicyProblem({ onPolicy }: { readonly onPolicy: () => void }) {
  const { policy: words } = useText();
  const { refused } = useSnapshot().management;
  if (refused === null) return null;
  return (
    <Notice tone="failure" id={policyProblemId}>
      <p className="notice-message">{words.blockedSession(refused.setting)}</p>
      <p lang="en" dir="auto">
        {refused.problem}
      </p>
      <OrganisationHelp />
      <Button kind="link" onPress={onPolicy}>
        {words.open}
      </Button>
    </Notice>
  );
}
