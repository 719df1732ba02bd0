# What run and test share: the repository's root, timed parts, and the installation of what is missing.
# To be sourced (bash), from a script that has set -euo pipefail.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
CACHE=$ROOT/.cache
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
FIXTURES=$ROOT/solidity-fixtures
# Node.js 20 is the oldest with all that the client suites use; 22 is what gets installed where it is older, and what
# Hardhat 3 asks for.
NODE_MINIMUM=20
NODE_INSTALLED=22

PART_TABLE=()

say() { printf '\033[1m== %s\033[0m\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# part NAME COMMAND.. : runs a command under a heading and keeps its time and outcome for `part_table`.
part() {
    local name=$1 begun code=0
    shift
    say "$name"
    begun=$(date +%s%N)
    "$@" || code=$?
    part_ended "$name" "$begun" "$code"
}

part_ended() {
    PART_TABLE+=("$(printf '%-34s %8.1f s   %s' "$1" "$(awk "BEGIN { print ($(date +%s%N) - $2) / 1e9 }")" \
        "$([ "$3" = 0 ] && echo ok || echo "FAILED")")")
    return "$3"
}

# beside NAME COMMAND.. : begins a part that goes on beside the next ones, such as downloads beside a build. There can
# be one at a time; `joined` waits for it, shows what it said and keeps its outcome, and the time that is waited.
beside() {
    BESIDE_NAME=$1
    shift
    say "$BESIDE_NAME (goes on beside what follows)"
    BESIDE_LOG=$(mktemp)
    # In a process group of its own, so that it can be ended with all that it has started.
    set -m
    "$@" >"$BESIDE_LOG" 2>&1 </dev/null &
    BESIDE_JOB=$!
    set +m
    trap 'kill -- "-$BESIDE_JOB" 2>/dev/null; rm -f "$BESIDE_LOG"' EXIT
}

joined() {
    local begun code=0
    say "$BESIDE_NAME"
    begun=$(date +%s%N)
    wait "$BESIDE_JOB" || code=$?
    cat "$BESIDE_LOG"
    rm -f "$BESIDE_LOG"
    trap - EXIT
    part_ended "$BESIDE_NAME" "$begun" "$code"
}

part_table() { printf '   %s\n' "${PART_TABLE[@]}"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1; then sudo -n "$@"; else return 1; fi
}

APT_UPDATED=
# apt_install PACKAGE.. : installs Debian packages, or says which ones somebody must install.
apt_install() {
    command -v apt-get >/dev/null 2>&1 || die "please install what Debian calls: $*"
    if [ -z "$APT_UPDATED" ]; then
        as_root apt-get update -q || die "cannot install packages without root; please install: $*"
        APT_UPDATED=1
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" \
        || die "could not install: $*"
}

has() { command -v "$1" >/dev/null 2>&1; }

# A C compiler and what else Rust crates with C parts ask for.
setup_build_tools() {
    local missing=()
    has cc || missing+=(build-essential)
    has curl || missing+=(curl ca-certificates)
    has git || missing+=(git)
    [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# The Rust toolchain, at least the version that Cargo.toml asks for.
setup_rust() {
    [ -f "$HOME/.cargo/env" ] && . "$HOME/.cargo/env"
    if ! has cargo; then
        echo "no cargo: installing Rust by rustup"
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal \
            || die "could not install Rust; see https://rustup.rs"
        . "$HOME/.cargo/env"
    fi
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
    found=$(rustc --version | cut -d' ' -f2)
    if [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -1)" != "$wanted" ]; then
        has rustup || die "rustc $found is too old: $wanted is needed; see https://rustup.rs"
        echo "rustc $found is older than $wanted: updating the stable toolchain by rustup"
        rustup toolchain install stable --profile minimal && rustup default stable \
            || die "could not update Rust to $wanted"
    fi
}

node_major() { node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p'; }

# Brings Node.js $NODE_INSTALLED from npm's package for this platform, in an ignored folder: $CACHE/node22/bin.
install_node() {
    local folder=$CACHE/node$NODE_INSTALLED package machine
    [ ! -x "$folder/bin/node" ] || return 0
    machine=$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
    package=node-$(uname -s | tr '[:upper:]' '[:lower:]')-$machine
    mkdir -p "$folder"
    npm install --prefix "$folder" --no-package-lock --no-audit --no-fund "$package@$NODE_INSTALLED" \
        && ln -sfn "node_modules/$package/bin" "$folder/bin"
}

# Node.js and npm, where need be the Node.js of `install_node` before the one at hand.
setup_node() {
    if ! has npm; then
        echo "no npm: installing Node.js from the distribution"
        apt_install nodejs npm
    fi
    if [ "$(node_major)" -lt "$NODE_MINIMUM" ]; then
        echo "Node.js $(node --version) is older than $NODE_MINIMUM: fetching $NODE_INSTALLED from npm"
        install_node || true
        export PATH="$CACHE/node$NODE_INSTALLED/bin:$PATH"
        hash -r
        [ "$(node_major)" -ge "$NODE_MINIMUM" ] \
            || die "Node.js $NODE_MINIMUM or later is needed and could not be installed; see https://nodejs.org"
    fi
}

# npm_packages FOLDER : installs a folder's packages, at the versions of its package.json, if they are not there.
npm_packages() {
    local stamp=$1/node_modules/.installed-from
    cmp -s "$1/package.json" "$stamp" && return
    (cd "$1" && npm install --no-package-lock --no-audit --no-fund) || return
    cp "$1/package.json" "$stamp"
}

setup_contracts() {
    npm_packages "$FIXTURES" && (cd "$FIXTURES" && node build.mjs)
}

# A browser for one of the client suites, where that is easy; the suite says so when it has none.
setup_chromium() {
    has chromium || has chromium-browser || has google-chrome || [ -n "${CHROMIUM:-}" ] && return
    has apt-get && as_root true 2>/dev/null || return 0
    (apt_install chromium) || warn "no Chromium: the browser suite will be skipped"
}

# Hardhat 3 runs, and is installed, by Node.js 22 or later alone.
setup_hardhat3() {
    if [ "$(node_major)" -ge "$NODE_INSTALLED" ]; then npm_packages "$1"; return; fi
    install_node || { warn "no Node.js $NODE_INSTALLED: the Hardhat 3 suite will be skipped"; return 0; }
    (PATH="$CACHE/node$NODE_INSTALLED/bin:$PATH" && npm_packages "$1")
}

# The client projects have packages of their own, and so has web3.py.
setup_projects() {
    local project requirements=$FIXTURES/projects/web3py/requirements.txt venv=$CACHE/web3py
    for project in "$FIXTURES"/projects/*/; do
        case $project in
            */hardhat3/) setup_hardhat3 "$project" || return ;;
            *) [ ! -f "$project/package.json" ] || npm_packages "$project" || return ;;
        esac
    done
    setup_chromium
    cmp -s "$requirements" "$venv/.installed-from" && return
    python3 -c 'import ensurepip' 2>/dev/null || apt_install python3 python3-venv
    python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --requirement "$requirements" || return
    cp "$requirements" "$venv/.installed-from"
}
