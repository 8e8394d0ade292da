import type { ProfileView } from "../../contract/views.ts";
import { useText } from "../language.ts";
import { Outside } from "./Person.tsx";

/** One profile in a line: its colour, its name, whether it is real, and what tells it from its neighbours. */
export function ProfileLine({
  profile,
  current = false,
}: {
  readonly profile: ProfileView;
  readonly current?: boolean;
}) {
  const text = useText();
  return (
    <span className="profile">
      <span className="profile-spot" data-color={profile.color ?? undefined} />
      <span className="device-words">
        <span className="device-name">
          <Outside>{profile.name}</Outside>
          {profile.production ? <ProductionBadge /> : null}
          {current ? <span className="badge">{text.profiles.current}</span> : null}
        </span>
        <span className="device-facts">
          <span>{text.modes[profile.mode].name}</span>
          <bdi>{profile.host}</bdi>
        </span>
      </span>
    </span>
  );
}

export function ProductionBadge() {
  return <span className="badge badge-bad">{useText().frame.production}</span>;
}
