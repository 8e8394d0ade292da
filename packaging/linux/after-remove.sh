#!/bin/sh
# Takes away what after-install.sh has added. dpkg says `upgrade` and rpm says 1 when a newer DeskPair stays: its
# profile must survive, because with rpm this runs after the new one's script.
profile=/etc/apparmor.d/DeskPair

case "${1:-remove}" in
  remove | purge | 0)
    if [ -e "$profile" ]; then
      if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
        apparmor_parser --remove "$profile" >/dev/null 2>&1 || true
      fi
      rm -f "$profile" /var/cache/apparmor/*/DeskPair
    fi
    ;;
esac
exit 0
