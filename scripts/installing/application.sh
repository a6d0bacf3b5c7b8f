# shellcheck shell=bash
# The application: built beside the one that runs, and put in its place as a whole. Wants $from, $new, $old.

sources() (
  cd "$from" || exit
  find daemon kiosk-ui image scripts package.json package-lock.json tsconfig.json tsconfig.build.json LICENSE .npmrc \
    \( -name dist -o -name node_modules \) -prune -o -type f -print | LC_ALL=C sort
)
fingerprint() (
  cd "$from" || exit
  sources | xargs -d '\n' sha256sum | sha256sum | cut -d' ' -f1
)
version_of() { sed -n 's/^ *"version": "\(.*\)",$/\1/p' "$1/package.json" 2>/dev/null; }

# As scripts/setup marks its npm packages.
lock_hash() { (cd "$from" && sha256sum package-lock.json | sha256sum | cut -d' ' -f1); }

# Builds it beside the one that runs.
build_application() {
  local part
  say "the application, version $(version_of "$from")"
  rm -rf "$new"
  mkdir -p "$new"
  sources | tar -C "$from" --no-same-owner --mode='u+rwX,go+rX,go-w' -cf - -T - | tar -C "$new" --no-same-owner -xf -
  # A checkout that is set up has what takes long.
  if [[ $(cat "$from/node_modules/.walleye-setup" 2>/dev/null) == "$(lock_hash)" ]]; then
    for part in node_modules kiosk-ui/dist; do
      if [[ -d $from/$part ]]; then cp -r --no-preserve=ownership "$from/$part" "$new/$part"; fi
    done
  elif ! { command -v node && command -v npm; } >/dev/null; then
    say 'the Node of Debian, for the set-up only'
    remember build walleye-build
    if [[ -z $(package_depends walleye-build) ]]; then
      quietly apt_get update -o APT::Update::Error-Mode=any &&
        package_install walleye-build nodejs npm || fail 'the packages nodejs and npm could not be installed'
    fi
  fi
  npm_config_cache=$new/.cache/npm "$new/scripts/setup" run ||
    fail 'the application could not be built; is the npm registry in reach? Run it again, or scripts/uninstall'
  compile_application
  trim_application
  printf '%s\n' "$wanted_version" >"$new/.installed"
  "$new/scripts/walleye" help >/dev/null || fail 'the application does not run'
}

# As image/build does; tsconfig.build.json says why. In the place of the TypeScript.
compile_application() (
  cd "$new"
  PATH=$PWD/node_modules/node/bin:$PATH node_modules/.bin/tsc --project tsconfig.build.json || fail 'the application could not be compiled'
  find daemon image/kiosk -name '*.ts' -delete
  rm tsconfig.json tsconfig.build.json
)

# As image/build does: Debian's ffmpeg is there; no compilers, nothing for other machines, nothing that only the set-up needs.
trim_application() (
  cd "$new"
  node_modules/node/bin/node -e '
    const { packages } = JSON.parse(require("fs").readFileSync("package-lock.json", "utf8"));
    for (const [path, { dev }] of Object.entries(packages))
      if (dev) require("fs").rmSync(path, { recursive: true, force: true });'
  find node_modules -xtype l -delete
  rm -rf .cache node_modules/@ffmpeg-installer/linux-x64 node_modules/node/{include,share,lib,node_modules} \
    node_modules/better-sqlite3/{deps,src} node_modules/{.package-lock.json,.walleye-setup,.vite,.cache} kiosk-ui/dist/.sources
  find node_modules -name '*.node' ! -path '*linux-x64*' ! -path '*linux_x64*' -path '*prebuilds*' -delete
  find kiosk-ui -mindepth 1 -maxdepth 1 ! -name dist -exec rm -rf {} +
  find scripts -mindepth 1 -maxdepth 1 ! -name walleye ! -name uninstall ! -name installing -exec rm -rf {} +
  mkdir browser-policies
  mv image/mkosi.extra/etc/chromium/policies/managed/* browser-policies/
  # The units too: should the next version not start, this one brings them back.
  find image -mindepth 1 -maxdepth 1 ! -name kiosk ! -name systemd ! -name walleye.env \
    ! -name mkosi.extra ! -name mkosi.profiles -exec rm -rf {} +
  find image/mkosi.extra -type f ! -path '*/sysusers.d/*' ! -name 91-walleye-screen.rules -delete
  find image/mkosi.extra -type d -empty -delete
)

# The other one lies in $old afterwards, if there was one.
swap_application() {
  if [[ ! -d $application ]]; then
    mv "$new" "$application"
  elif mv --exchange -T "$new" "$application" 2>/dev/null; then
    mv "$new" "$old"
  else
    # Before coreutils 9.5: for a moment there is none.
    mv "$application" "$old" && mv "$new" "$application"
  fi
}
