# shellcheck shell=bash
# The screen: who has it, and how the wall takes it and gives it back.

# The unit that shows a login on the screen, if any.
display_manager() {
  local link
  link=$(readlink /etc/systemd/system/display-manager.service) || return 0
  printf '%s' "${link##*/}"
}

check_browser_sandbox() {
  local name value
  for name in kernel.unprivileged_userns_clone=0 kernel.apparmor_restrict_unprivileged_userns=1 user.max_user_namespaces=0; do
    value=$(sysctl -n "${name%=*}" 2>/dev/null) || continue
    [[ $value != "${name#*=}" ]] ||
      fail "${name%=*} is $value: Chromium cannot make its sandbox. Change it, or use --no-kiosk."
  done
}

# What differs from the appliance's screen.
kiosk_dropin() {
  cat <<UNIT
[Unit]
# The login prompt of the first console would be painted over the wall.
Conflicts=getty@tty1.service
After=getty@tty1.service
[Service]
# Whom Debian's seatd lets ask for screen and keys.
SupplementaryGroups=video
# For this browser only.
BindReadOnlyPaths=$application/browser-policies:/etc/chromium/policies/managed
UNIT
}

# Desktop and default target, as they were, for uninstall.
take_screen() {
  local link=/etc/systemd/system/display-manager.service target
  if [[ -L $link ]]; then
    remember display-manager "$(readlink "$link")"
    say "$(display_manager) no longer starts; scripts/uninstall brings it back"
    act systemctl stop display-manager.service
    act rm "$link"
  fi
  if systemctl -q is-active getty@tty1.service; then remember getty getty@tty1.service; fi
  if [[ $(systemctl get-default) != graphical.target ]]; then
    target=$(readlink /etc/systemd/system/default.target) || target=none
    remember default-target "$target"
    act systemctl -q set-default graphical.target
  fi
}

# Takes the wall off the screen, and gives it back to whoever had it.
give_back_screen() {
  local unit target file
  for unit in walleye-kiosk.service walleye-screen-token.path walleye-screen-token.service; do
    act_quietly systemctl -q disable --now "$unit"
    forget unit "$unit"
  done
  # Not by `systemctl clean`: the folder was once seen to stay after it.
  act rm -rf /var/lib/walleye-kiosk /run/walleye-screen
  while IFS= read -r file; do
    case $file in
      "$units"/walleye-kiosk* | "$units"/walleye-screen* | */sysusers.d/* | */rules.d/91-walleye-screen.rules)
        act rm -f "$file"
        forget file "$file"
        ;;
    esac
  done < <(recalls file)
  target=$(recall default-target)
  if [[ $target == none ]]; then act rm -f /etc/systemd/system/default.target; fi
  if [[ -n $target && $target != none ]]; then act ln -sfn "$target" /etc/systemd/system/default.target; fi
  if [[ -n $(recall user) ]]; then act_quietly userdel "$(recall user)"; fi
  act_quietly systemctl daemon-reload
  target=$(recall display-manager)
  if [[ -n $target ]]; then
    act ln -sfn "$target" /etc/systemd/system/display-manager.service
    act_quietly systemctl daemon-reload
    act_quietly systemctl --no-block start display-manager.service
  fi
  if [[ -n $(recall getty) ]]; then act_quietly systemctl --no-block start "$(recall getty)"; fi
  for target in default-target user display-manager getty; do forget "$target"; done
}
