#!/bin/sh
# Starts Chromium in a profile folder of its own and removes both when the main process is gone, however it went:
# a killed process cannot clean up after itself. Standard input is the life line: it ends when main ends.
# Main starts this in a process group of its own, because Playwright kills main's whole group.
profile=$(mktemp -d "${TMPDIR:-/tmp}/electron-stand-in-XXXXXX") || exit 1

# Every process of Chromium inherits its standard output, so that `cat` ends when the last of them has ended.
# Descriptors 3 and 4 are the DevTools pipe: a copy kept open here would hide from main that Chromium has ended.
sh -c 'echo $$ >"$0"; exec "$@"' "$profile/pid" "$@" --user-data-dir="$profile" </dev/null |
  cat >/dev/null 2>&1 3<&- 4>&- &
everything=$!
exec 2>/dev/null 3<&- 4>&-

read -r _
kill -KILL "$(cat "$profile/pid")"
# Chromium's helpers write into the profile until they notice that the browser is gone.
wait "$everything"
rm -rf "$profile"
