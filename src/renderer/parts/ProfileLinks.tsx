import type { ProfileView } from "../../contract/views.ts";
import { useText } from "../language.ts";
import { useSnapshot } from "../store.ts";
import { Button } from "./Button.tsx";
import { ManagedHint } from "./Managed.tsx";
import { Notice } from "./Notice.tsx";
import { OrganisationHelp } from "./OrganisationHelp.tsx";
import { RemoveProfile } from "./RemoveProfile.tsx";

type ProfileLinksProps = {
  readonly profile: ProfileView;
  readonly onChange: () => void;
  readonly onAdd: () => void;
};

/** What can be done about profiles: where a policy says which there are, they can only be looked at. */
export function ProfileLinks({ profile, onChange, onAdd }: ProfileLinksProps) {
  const text = useText();
  const words = text.signIn;
  const { profiles, profileFixed } = useSnapshot().management;
  if (profiles === "forced") {
    return (
      <div className="profile-links">
        <ManagedHint />
        <Button kind="link" onPress={onChange}>
          {words.show}
        </Button>
      </div>
    );
  }
  return (
    <div className="profile-links">
      <Button kind="link" onPress={onChange}>
        {words.change}
      </Button>
      <Button kind="link" onPress={onAdd}>
        {words.add}
      </Button>
      {profile.managed || profileFixed ? null : <RemoveProfile name={profile.name} />}
    </div>
  );
}

/** Said before anything is typed or sent: main would refuse it, and nobody could do anything about that here. */
export function ModeRefused({ mode }: { readonly mode: ProfileView["mode"] }) {
  const text = useText();
  return (
    <Notice tone="caution">
      <p className="notice-message">{text.policy.modeRefused(text.modes[mode].name)}</p>
      <p>{text.policy.modeRefusedNext}</p>
      <OrganisationHelp />
    </Notice>
  );
}
