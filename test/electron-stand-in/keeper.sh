#!/bin/sh
# Starts Chromium in a profile folder of its own and removes both when the main process is gone, however it went:
# a killed process cannot clean up after itself. Standard input is the life line: it ends when main ends.
# Main starts this in a process group of its own, because Playwright kills main's whole group.
profile=$(mktemp -d "${TMPDIR:-/tmp}/electron-stand-in-XXXXXX") || exit 1
"$@" --user-data-dir="$profile" </dev/null &
chromium=$!

# Chromium owns the DevTools pipe from here on: a copy kept open would hide that it has ended.
exec 3<&- 4>&- 2>/dev/null

read -r _
kill -KILL "$chromium"
wait "$chromium"

# Chromium's helper processes end by themselves a moment later and may still write into the profile.
attempts=0
while [ -e "$profile" ] && [ "$attempts" -lt 50 ]; do
  rm -rf "$profile"
  [ -e "$profile" ] && sleep 0.1
  attempts=$((attempts + 1))
done
