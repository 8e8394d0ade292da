#!/bin/sh
# Jamf Pro, extension attribute (data type: String, input type: Script): is this Mac paired for the user at the screen?
# Runs as root at every inventory update, writes nothing to PingOne, and prints
#   <result>Compliant</result>, Remediate, "Retry later: …" or "Needs a person: …".

# ---- Edit here. Each can also come from the environment variable beside it. ----
deskpair=${DESKPAIR_PROGRAM:-/usr/local/bin/deskpair}
# Who the account is in PingOne: jamf-connect, network-user, domain:<example.com>, or command:<program of yours>,
# which gets the account as its argument and prints the username or e-mail address. See docs/fleet/README.md.
user_from=${DESKPAIR_USER_FROM:-jamf-connect}
# Empty: the account that is logged on at the screen.
account=${DESKPAIR_ACCOUNT:-}
seconds=${DESKPAIR_SECONDS:-60}

# ---- From here to the next line of this kind: the same in both scripts. ----
set -u
work=$(mktemp -d "${TMPDIR:-/tmp}/deskpair-fleet.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT

console_account() {
  owner=$(stat -f %Su /dev/console 2>/dev/null)
  case $owner in root | loginwindow | _mbsetupuser) ;; *) printf '%s' "$owner" ;; esac
}

pingone_user() {
  case $user_from in
    jamf-connect) as_account defaults read com.jamf.connect.state UserLoginName ;;
    network-user) dscl . -read "/Users/$account" NetworkUser | sed -n 's/^.*NetworkUser: *//p' ;;
    domain:?*) printf '%s@%s\n' "$account" "${user_from#domain:}" ;;
    command:?*) "${user_from#command:}" "$account" ;;
  esac
}

# In the session of the account: the agent and the key store belong to it.
as_account() {
  if [ "$(id -un)" = "$account" ]; then
    exec "$@"
  fi
  exec launchctl asuser "$(id -u "$account")" sudo -H -u "$account" "$@"
}

# Runs DeskPair for at most so many seconds; leaves its result in $work/out and gives its exit number, or 124.
# The polite signal lets it undo a pairing; after a hard one it is undone by the next run.
limited() {
  (as_account "$deskpair" "$@") </dev/null >"$work/out" 2>/dev/null &
  program=$!
  (
    trap 'kill "$!"; exit' TERM
    for blow in TERM KILL; do
      sleep "$seconds" &
      wait "$!"
      : >"$work/late"
      kill -"$blow" "$program"
      seconds=30
    done
  ) >/dev/null 2>&1 &
  watcher=$!
  wait "$program" 2>/dev/null
  number=$?
  kill "$watcher" 2>/dev/null
  if [ -e "$work/late" ]; then return 124; fi
  return "$number"
}

# The table in docs/fleet/README.md. Every other number needs a person.
verdict_of() {
  case $1 in
    0) echo 'Compliant' ;;
    30 | 32 | 41 | 42 | 50 | 75 | 124 | 130) echo 'Retry later' ;;
    *) echo 'Needs a person' ;;
  esac
}

# Runs this command of DeskPair for the user of the account; sets verdict and detail.
ask() {
  [ -n "$account" ] || account=$(console_account)
  if [ -z "$account" ]; then
    verdict='Retry later' detail='nobody is logged on'
    return
  fi
  if [ ! -x "$deskpair" ]; then
    verdict='Needs a person' detail='deskpair is not installed'
    return
  fi
  user=$(pingone_user 2>/dev/null | head -n 1)
  case $user in
    '' | -*)
      verdict='Needs a person' detail="no PingOne user for this account (from $user_from)"
      return
      ;;
  esac
  limited "$@" --user "$user" --output json --non-interactive
  code=$?
  verdict=$(verdict_of "$code")
  detail="$code $(sed -n 's/.*"error":{"code":"\([a-z0-9-]*\)".*/\1/p' "$work/out")"
  detail=${detail% }
}
# ---- The same in both scripts: up to here. ----

ask pair desktop --dry-run
case $verdict in
  Compliant)
    case $(cat "$work/out") in *'"paired":true'*) ;; *) verdict=Remediate ;; esac
    result=$verdict
    ;;
  *) result="$verdict: $detail" ;;
esac
printf '<result>%s</result>\n' "$result"
