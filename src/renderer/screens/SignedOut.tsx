import type { Phase } from "../../contract/views.ts";
import { useText } from "../language.ts";
import { Notice } from "../parts/Notice.tsx";
import { Outside } from "../parts/Person.tsx";
import { isComplete } from "../profile.ts";
import { useRequest } from "../request.ts";
import { useSnapshot } from "../store.ts";
import { Blocked } from "./Blocked.tsx";
import { ProfileForm } from "./ProfileForm.tsx";
import { Profiles } from "./Profiles.tsx";
import { SignIn, type SignInProps } from "./SignIn.tsx";
import { SigningIn } from "./SigningIn.tsx";

type SignedOutProps = Pick<SignInProps, "onProfiles" | "onChange" | "onAdd"> & {
  readonly onPolicy: () => void;
  readonly phase: Extract<Phase, { name: "signed-out" | "signing-in" }>;
};

/**
 * Everything before a session: a profile that can be signed in to, then the sign-in. The request to sign in lives here,
 * above the screens that come and go while it runs, so that its failure is shown on the one that it leads back to.
 */
export function SignedOut({ phase, onPolicy, ...ways }: SignedOutProps) {
  const request = useRequest("session.signIn");
  const { refused } = useSnapshot().management;
  if (phase.name === "signing-in") return <SigningIn step={phase.step} />;
  if (refused !== null) return <Blocked refused={refused} onPolicy={onPolicy} />;
  return (
    <>
      <ProfileProblem />
      <BeforeSignIn request={request} reason={phase.reason} {...ways} />
    </>
  );
}

function BeforeSignIn({ request, reason, ...ways }: Omit<SignInProps, "profile">) {
  const { profiles, settings, management } = useSnapshot();
  if (profiles.list.length === 0) return <ProfileForm former={null} first />;
  const profile = profiles.list.find(({ name }) => name === profiles.current);
  if (profile === undefined) return <Profiles {...(management.profiles === "own" ? { onAdd: ways.onAdd } : {})} />;
  if (!isComplete(settings) && management.profiles === "own") {
    return <ProfileForm former={profile.name} {...(profiles.list.length > 1 ? { onBack: ways.onProfiles } : {})} />;
  }
  return <SignIn profile={profile} reason={reason} request={request} {...ways} />;
}

/** What stands in the file and cannot be used: somebody has to know, and nothing of it is lost. */
function ProfileProblem() {
  const text = useText();
  const { problem } = useSnapshot().profiles;
  if (problem === null) return null;
  return (
    <div className="narrow">
      <Notice tone="caution">
        <p className="notice-message">{text.profiles.problem(problem.profile)}</p>
        <p>
          <Outside>{problem.problem}</Outside>
        </p>
        {problem.profile === null ? <p>{text.profiles.setAside}</p> : null}
      </Notice>
    </div>
  );
}
