# Finds, or installs, a way to compile for wasm32-unknown-unknown. To be sourced (bash).
#
#   wasm_toolchain_find            picks a way, installs it if needed, says on stderr which one
#   wasm_cargo build|test ARGS..   runs cargo for that target in the chosen way
#
# The ways, in order of preference (FEVM_WASM_TOOLCHAIN=target|debian asks for one of them):
#   target   the active Rust toolchain has the target's standard library (`rustup target add` is tried)
#   debian   Debian's rustc-web, cargo-web and rust-web-src; the standard library is built from source
#
# `wasm_cargo` writes to ${CARGO_TARGET_DIR:-target}/wasm unless WASM_TARGET_DIR says otherwise, so that
# it never waits for the lock of a cargo that builds natively.

WASM_TRIPLE=wasm32-unknown-unknown
WASM_TOOLCHAIN=

_wasm_say() { printf 'wasm toolchain: %s\n' "$*" >&2; }

_wasm_as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1; then sudo -n "$@"; else return 1; fi
}

# A network that swallows packets must not hold the build up for ever.
_wasm_limited() { if command -v timeout >/dev/null 2>&1; then timeout 300 "$@"; else "$@"; fi; }

# The active toolchain's standard library for the target, as rustup or a distribution lays it out.
_wasm_has_target() {
    local sysroot
    sysroot=$(rustc --print sysroot 2>/dev/null) || return 1
    [ -d "$sysroot/lib/rustlib/$WASM_TRIPLE/lib" ]
}

_wasm_has_debian() { [ -x /usr/bin/rustc ] && [ -f "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ]; }

# A linker for WebAssembly: the one beside the active toolchain, else LLVM's.
_wasm_linker() {
    local host candidate
    host=$(rustc -vV 2>/dev/null | sed -n 's/^host: //p')
    candidate=$(rustc --print sysroot 2>/dev/null)/lib/rustlib/$host/bin/rust-lld
    if [ -x "$candidate" ]; then echo "$candidate"; return; fi
    command -v wasm-ld || command -v rust-lld
}

wasm_toolchain_find() {
    [ -n "$WASM_TOOLCHAIN" ] && return 0
    local wanted=${FEVM_WASM_TOOLCHAIN:-}
    if [ "$wanted" != debian ]; then
        if _wasm_has_target; then
            WASM_TOOLCHAIN=target
        elif command -v rustup >/dev/null 2>&1 && _wasm_limited rustup target add "$WASM_TRIPLE" >&2 && _wasm_has_target; then
            WASM_TOOLCHAIN=target
        fi
    fi
    if [ -z "$WASM_TOOLCHAIN" ] && [ "$wanted" != target ]; then
        if ! { _wasm_has_debian && [ -n "$(_wasm_linker)" ]; } && command -v apt-get >/dev/null 2>&1; then
            _wasm_say "no $WASM_TRIPLE target from rustup; installing rustc-web, cargo-web, rust-web-src and lld from Debian"
            _wasm_as_root apt-get update -q >&2
            _wasm_as_root apt-get install -q -y --no-install-recommends rustc-web cargo-web rust-web-src lld >&2
        fi
        _wasm_has_debian && [ -n "$(_wasm_linker)" ] && WASM_TOOLCHAIN=debian
    fi
    case "$WASM_TOOLCHAIN" in
        target) _wasm_say "$(rustc --version) with its own $WASM_TRIPLE" ;;
        debian) _wasm_say "$(/usr/bin/rustc --version) of Debian's rustc-web, standard library from rust-web-src, linker $(_wasm_linker)" ;;
        *)
            _wasm_say "none found. Do one of: 'rustup target add $WASM_TRIPLE';" \
                "or, on Debian, 'apt-get install rustc-web cargo-web rust-web-src lld'."
            return 1
            ;;
    esac
}

wasm_cargo() {
    local command=$1
    shift
    wasm_toolchain_find || return 1
    # What an outer cargo (a build script) or a user sets for native builds must not leak in.
    local clean=(env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u RUSTC -u RUSTDOC -u RUSTC_WRAPPER
        -u RUSTC_WORKSPACE_WRAPPER -u CARGO_BUILD_TARGET -u TARGET -u HOST -u PROFILE -u OUT_DIR -u OPT_LEVEL -u DEBUG
        "CARGO_TARGET_DIR=${WASM_TARGET_DIR:-${CARGO_TARGET_DIR:-target}/wasm}")
    case "$WASM_TOOLCHAIN" in
        target) "${clean[@]}" cargo "$command" --target "$WASM_TRIPLE" "$@" ;;
        debian)
            "${clean[@]}" RUSTC=/usr/bin/rustc RUSTDOC=/usr/bin/rustdoc RUSTC_BOOTSTRAP=1 \
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$(_wasm_linker)" \
                cargo "$command" -Zbuild-std=std,panic_abort --target "$WASM_TRIPLE" "$@"
            ;;
    esac
}
