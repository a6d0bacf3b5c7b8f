# shellcheck shell=bash
# Debian packages: what is needed is what an empty package of ours depends on. apt knows then why the others are there,
# `apt autoremove` leaves them, and what somebody installs by hand meanwhile is his.

installed_packages() { dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | LC_ALL=C sort -u; }

apt_get() {
  DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -q -y -o DPkg::Lock::Timeout=300 \
    -o APT::Keep-Downloaded-Packages=false "$@" </dev/null
}

# Runs a long command with its output in the log; shows the end of it when the command fails.
quietly() {
  "$@" >>"$remembered/log" 2>&1 && return
  tail -n 25 "$remembered/log" >&2
  return 1
}

package_depends() { dpkg-query -W -f='${db:Status-Status} ${Depends}' "$1" 2>/dev/null | sed -n 's/^installed //p'; }

# package_install NAME PACKAGE...: makes the empty package and installs it with what it needs.
package_install() {
  local name=$1 folder
  shift
  folder=$(mktemp -d)
  # apt's own user reads it.
  chmod 755 "$folder"
  mkdir -p "$folder/package/DEBIAN"
  cat >"$folder/package/DEBIAN/control" <<CONTROL
Package: $name
Version: $(date +%s)
Architecture: all
Maintainer: scripts/install of Walleye <root@localhost>
Depends: $(package_list "$@")
Description: keeps the packages that Walleye needs
 Made by Walleye's scripts/install on this machine; scripts/uninstall takes it away.
CONTROL
  local status=0
  quietly dpkg-deb --root-owner-group --build "$folder/package" "$folder/$name.deb" &&
    quietly apt_get install --no-install-recommends "$folder/$name.deb" || status=$?
  rm -rf "$folder"
  return "$status"
}

package_list() {
  local list
  list=$(printf '%s, ' "$@")
  printf '%s' "${list%, }"
}

# package_leftovers RECOMMENDS NAME...: what nothing but NAME needs, and was not there before Walleye.
package_leftovers() {
  local options=(-o "APT::AutoRemove::RecommendsImportant=$1" -o APT::AutoRemove::SuggestsImportant=false)
  shift
  apt_get -s "${options[@]}" purge --autoremove "$@" 2>/dev/null | sed -nE 's/^(Remv|Purg) ([^ :]+).*/\2/p' |
    LC_ALL=C sort -u | LC_ALL=C comm -23 - <({ cat "$remembered/packages-before"; printf '%s\n' "$@"; } | LC_ALL=C sort -u)
}

# package_remove NAME: it, and what came with it as far as nothing else needs it now.
package_remove() {
  local leftovers=() since ours=() name
  [[ -n $(package_depends "$1") ]] || return 0
  for name in walleye-packages walleye-build; do
    if [[ -n $(package_depends "$name") ]]; then ours+=("$name"); fi
  done
  mapfile -t leftovers < <(package_leftovers false "$1")
  # Where somebody has installed more since, what that recommends stays too.
  since=$(LC_ALL=C comm -23 <(installed_packages) \
    <({ cat "$remembered/packages-before"; package_leftovers false "${ours[@]}"; printf '%s\n' "${ours[@]}"; } | LC_ALL=C sort -u))
  if [[ -n $since ]]; then mapfile -t leftovers < <(package_leftovers true "$1"); fi
  if [[ -n ${dry_run:-} ]]; then
    printf 'would: remove the package %s\n' "$1" "${leftovers[@]}" >&2
  else
    quietly apt_get purge "$1" "${leftovers[@]}"
  fi
}
