# Shared by deploy/up, deploy/down and tests/run: packages, tools, the build, the process of a data folder.
# Expects `set -euo pipefail` and the repository's root as working folder.

say() { printf '%s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# need_packages FILE...: installs those packages of the lists that are missing.
need_packages() {
  command -v dpkg-query >/dev/null || { say "No dpkg here: expecting the packages of $* to be there."; return; }
  local wanted missing
  wanted=$(sed 's/#.*//' "$@" | xargs)
  # Another packager's Node brings its own npm and excludes Debian's.
  ! command -v npm >/dev/null || wanted=$(tr ' ' '\n' <<<"$wanted" | grep -vx npm)
  missing=$(comm -23 <(xargs -n1 <<<"$wanted" | sort -u) \
    <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort -u) | xargs)
  [ -n "$missing" ] || return 0
  local sudo=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "missing packages, and no sudo to install them: $missing"
    sudo=sudo
  fi
  say "Installing from Debian: $missing"
  $sudo apt-get update -q >/dev/null
  # shellcheck disable=SC2086
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null ||
    die "apt-get could not install the packages named above"
}

# build_release TARGET...: what changed, with its tools. One at a time, since two in a folder spoil each other.
build_release() {
  tools/install
  mkdir -p build
  (
    flock 9
    [ -f build/release/build.ninja ] || cmake --preset release >build/configure.log 2>&1 || {
      tail -20 build/configure.log >&2
      die "configuring failed, see build/configure.log"
    }
    cmake --build --preset release --target "$@"
  ) 9>build/.lock
}

# The absolute path of a folder that need not exist yet.
absolute() { realpath -m -- "$1"; }

# running_pid FOLDER: the process that serves this data folder; nothing when none does.
running_pid() {
  local pid
  pid=$(cat "$1/spm.pid" 2>/dev/null) || return 0
  # The number may belong to another program by now.
  [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = spm ] && say "$pid" || true
}

# answers URL: true when a GET is answered with 200.
answers() {
  local authority=${1#http://} path
  path=/${authority#*/}
  authority=${authority%%/*}
  local status
  status=$( (exec 3<>"/dev/tcp/${authority%:*}/${authority##*:}" &&
    printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$path" "$authority" >&3 && head -1 <&3) 2>/dev/null) || return 1
  [[ $status == *" 200 "* ]]
}
