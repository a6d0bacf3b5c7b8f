# shellcheck shell=bash
# What scripts/install and scripts/uninstall share: where things lie, what is said, asked and remembered. Sourced by both.

# shellcheck disable=SC2034 # used by those that source it
readonly application=/usr/lib/walleye
readonly remembered=/var/lib/walleye-install
readonly units=/usr/local/lib/systemd/system
# shellcheck disable=SC2034
readonly state=/var/lib/walleye

say() { printf '%s: %4d s  %s\n' "${0##*/}" "$SECONDS" "$*" >&2; }
fail() {
  say "$@"
  exit 1
}

# usage STATUS: prints the head of the script that was called.
usage() {
  # shellcheck disable=SC2016
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p}' "$0"
  exit "$1"
}

# In a dry run it only says what would be done.
act() {
  if [[ -n ${dry_run:-} ]]; then
    printf 'would: %s\n' "$*" >&2
  else
    "$@"
  fi
}

# The same as act for what may fail as it has been done already.
act_quietly() {
  if [[ -n ${dry_run:-} ]]; then act "$@"; else "$@" >/dev/null 2>&1 || true; fi
}

# confirm QUESTION
confirm() {
  [[ -z ${yes:-} && -z ${dry_run:-} ]] || return 0
  [[ -t 0 ]] || { say "$1 (nobody is there to answer: say --yes)"; exit 2; }
  local answer
  read -r -p "$1 [y/N] " answer
  [[ $answer == [yY]* ]] || { say 'nothing was changed'; exit 1; }
}

need_root() {
  ((EUID == 0)) || fail "as root, please: sudo $0"
}

# One at a time. The folder itself is locked, until the end of the script: no file of it stays.
lock() {
  exec 8<"$remembered"
  flock -n 8 || fail 'another install or uninstall is running'
}

# ── what is remembered: a line each, `KEY VALUE`; written before the thing is done, so that uninstall finds it ──

remember() {
  [[ -z ${dry_run:-} ]] || return 0
  recalls "$1" | grep -qxF -- "$2" || printf '%s %s\n' "$1" "$2" >>"$remembered/manifest"
}

# Forgets all values of KEY, or the one that is given.
forget() {
  [[ -z ${dry_run:-} && -f $remembered/manifest ]] || return 0
  local line
  while IFS= read -r line; do
    if (($# > 1)); then [[ $line == "$1 $2" ]] || printf '%s\n' "$line"; else [[ $line == "$1 "* ]] || printf '%s\n' "$line"; fi
  done <"$remembered/manifest" >"$remembered/manifest.new"
  mv "$remembered/manifest.new" "$remembered/manifest"
}

# All values of KEY, in the order in which they came.
recalls() {
  local line
  [[ -f $remembered/manifest ]] || return 0
  while IFS= read -r line; do
    if [[ $line == "$1 "* ]]; then printf '%s\n' "${line#"$1 "}"; fi
  done <"$remembered/manifest"
}
recall() { recalls "$1" | sed -n 1p; }
