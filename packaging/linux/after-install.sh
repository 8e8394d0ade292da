#!/bin/sh
# Makes sure that Chromium's sandbox can start. Both dpkg and rpm run this as root after the files are in place; nothing
# in it may fail the installation, and nothing in it starts DeskPair.
app=/opt/DeskPair
profile=/etc/apparmor.d/DeskPair

setting() { cat "/proc/sys/$1" 2>/dev/null || echo "$2"; }

# An AppArmor that does not know the profile's abi (before 4.0) restricts no namespaces either, and would complain at
# every start about a profile that it cannot read.
if [ -d /etc/apparmor.d ] && command -v apparmor_parser >/dev/null 2>&1; then
  if apparmor_parser --skip-kernel-load --skip-cache "$app/resources/apparmor-profile" >/dev/null 2>&1; then
    cp -f "$app/resources/apparmor-profile" "$profile"
    chmod 0644 "$profile"
    # Where an image is built there is no kernel to tell; it reads the folder when it starts.
    if [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ]; then
      apparmor_parser --replace "$profile" >/dev/null 2>&1 || true
    fi
  fi
fi

# Namespaces need no privilege, so they are the first choice. Only a kernel that keeps them from users gets the
# sandbox's program with the rights of root; without either, DeskPair would refuse to start.
sandbox_mode=0755
[ "$(setting kernel/unprivileged_userns_clone 1)" = 0 ] && sandbox_mode=4755
[ "$(setting user/max_user_namespaces 0)" = 0 ] && sandbox_mode=4755
if [ "$(setting kernel/apparmor_restrict_unprivileged_userns 0)" = 1 ] && [ ! -e "$profile" ]; then
  sandbox_mode=4755
fi
[ -e "$app/chrome-sandbox" ] && chmod "$sandbox_mode" "$app/chrome-sandbox"
exit 0
