# What the scripts of this folder share: packages of Debian's from the machine's own mirror, unpacked and never installed,
# and what was made of them, kept in a cache outside the tree by its version. Sourced, not run.
set -euo pipefail

program=$(basename "$0")
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/forkguard/cluster

fail() {
  echo "$program: $*" >&2
  exit 1
}

say() { echo "==> $*" >&2; }

needs() {
  local tool
  for tool in flock "$@"; do
    command -v "$tool" >/dev/null || fail "$tool is missing; eng/install-prerequisites installs it on Debian"
  done
}

# once COMPONENT FILE...: prints the folder of the component when all files are in it, and ends. Otherwise goes on with the
# component's lock held, in a scratch folder that is removed at the end: $scratch. One version is current until the cache is
# removed, so that a later run needs no network and is not surprised by a build.
once() {
  component=$1
  shift
  mkdir -p "$cache/$component"
  exec 9>"$cache/$component/lock"
  if ! flock -n 9; then
    say "wait for another run that makes $component"
    flock 9
  fi
  if is_whole "$@"; then
    readlink -f "$cache/$component/current"
    exit
  fi
  # What an interrupted run has left, or this one is about to.
  rm -rf "$cache/$component"/scratch.*
  scratch=$(mktemp -d "$cache/$component/scratch.XXXXXX")
  trap 'kill "${beat:-}" 2>/dev/null || :; rm -rf "$scratch"' EXIT
  cd "$scratch"
}

is_whole() {
  local file
  for file in "$@"; do
    [ -x "$cache/$component/current/$file" ] || return 1
  done
}

# keep VERSION FOLDER: the folder becomes the component's current one, under its version, and its path is printed.
keep() {
  # A colon, as of an epoch, would end a path in LD_LIBRARY_PATH.
  local folder=$cache/$component/${1//:/_}
  rm -rf "$folder"
  mv "$2" "$folder"
  ln -sfn "$(basename "$folder")" "$cache/$component/current.new"
  mv -T "$cache/$component/current.new" "$cache/$component/current"
  readlink -f "$cache/$component/current"
}

# logged WORD...: the command's output goes to a log, whose end is shown when it fails.
logged() {
  local code=0
  "$@" </dev/null >"$scratch/log" 2>&1 || code=$?
  [ "$code" -eq 0 ] || { tail -n 40 "$scratch/log" >&2; fail "\`$1 ${2:-}\` failed with exit code $code"; }
}

# compile WORD...: as logged, for what runs a Go compiler, and says every half minute how far it is.
compile() {
  export GOTMPDIR=$scratch/go-tmp
  mkdir -p "$GOTMPDIR"
  # Neither the lock nor the output may be held by it once this script is gone.
  count_packages 9>&- >/dev/null &
  beat=$!
  (logged "$@")
  kill "$beat"
}

count_packages() {
  local seconds
  for ((seconds = 1; ; seconds++)); do
    sleep 1
    kill -0 $$ 2>/dev/null || exit
    ((seconds % 30)) ||
      say "$component: $seconds s, $(find "$GOTMPDIR" -mindepth 2 -maxdepth 2 -name 'b*' | wc -l) packages begun"
  done
}

# use_suite SUITE: apt lists of a suite of the machine's own mirror, with sources, in the scratch folder and with nothing
# installed: nothing of the system's state is used or changed. It is known before any `apt-get update`.
use_suite() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg uri
  needs apt-get dpkg
  . /etc/os-release
  uri=$(apt-get indextargets --no-release-info --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v own="${VERSION_CODENAME:-}" '
      $2 == "main" && ($1 == own || $1 ~ /^(stable|oldstable|testing|unstable|sid)$/) { print $3; exit }')
  [ -n "$uri" ] || fail "this machine's apt has no Debian mirror, and what it needs is Debian's"
  state=$scratch/apt
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  : >"$state/status"
  printf "%s [signed-by=$keyring] $uri $1 main\n" deb deb-src >"$state/sources.list"
  logged apt apt-get update
}

# apt PROGRAM WORD...
apt() {
  local tool=$1
  shift
  "$tool" -qq -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
    -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
    -o Acquire::Retries=2 "$@"
}

version_of() { apt apt-cache --no-all-versions show "$1" | sed -n 's/^Version: //p' | head -1; }

# unpack FOLDER PACKAGE...
unpack() {
  local folder=$1 package
  shift
  mkdir -p "$scratch/packages" "$folder"
  cd "$scratch/packages"
  logged apt apt-get download "$@"
  for package in *.deb; do dpkg -x "$package" "$folder"; done
  cd "$scratch"
  rm -rf "$scratch/packages"
}
