# suite.bash, for scripts that take packages of another Debian suite into the lab's cache outside the tree.
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/forkguard/lab

fail() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# One script at a time changes the cache.
hold_cache() {
  . /etc/os-release
  mkdir -p "$cache"
  exec 9>"$cache/lock"
  flock 9
  # Leftovers of an interrupted run, or of this one.
  trap 'rm -rf "$cache"/unpack.*' EXIT
}

# The machine's own mirror, another suite. RELEASE is what sources.list says, known before any `apt-get update`.
source_of() {
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk -v own="${VERSION_CODENAME:-}" -v suite="$1" '
      $2 == "main" && ($1 == own || $1 ~ /^(stable|oldstable|testing|unstable|sid)$/) {
        print "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]", $3, suite, "main"; exit }'
}

# An apt program with lists of its own and nothing installed: nothing of the system's state is used or changed.
with_suite() {
  local state=$cache/apt/$1 program=$2
  shift 2
  "$program" -qq -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state/cache" \
    -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferencesparts=/dev/null -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none \
    -o Acquire::Retries=2 "$@"
}

show() { with_suite "$1" apt-cache --no-all-versions show "$2"; }
