//! Two builds of one source give the same modules, wherever the checkout is.
//!
//! The second checkout is a copy in another folder with a target folder of its own. Both stay between
//! runs, and files keep their times, so that only what has changed is built again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use fevm_bundle::Bundle;

/// Folders that hold no sources.
const PASSED_OVER: [&str; 5] = [".cache", ".git", "build", "node_modules", "target"];

/// No source of the actors is larger, bytes.
const LARGEST: u64 = 1 << 20;

/// Makes `to` a copy of `from` in names, contents and times. Whether it was not one already.
fn mirror(from: &Path, to: &Path) -> io::Result<bool> {
    fs::create_dir_all(to)?;
    let mut changed = false;
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let (entry, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name())))?;
        let name = target
            .file_name()
            .map(ToOwned::to_owned)
            .unwrap_or_default();
        // An editor's dangling link is no source.
        let Ok(metadata) = fs::metadata(&entry) else {
            continue;
        };
        if PASSED_OVER.iter().any(|other| name == *other) || metadata.len() > LARGEST {
            continue;
        }
        names.insert(name);
        if metadata.is_dir() {
            changed |= mirror(&entry, &target)?;
        } else if fs::metadata(&target).and_then(|old| old.modified()).ok()
            != metadata.modified().ok()
        {
            changed = true;
            fs::copy(&entry, &target)?;
            fs::File::options()
                .append(true)
                .open(&target)?
                .set_modified(metadata.modified()?)?;
        }
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if names.contains(&entry.file_name()) {
            continue;
        }
        changed = true;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(changed)
}

/// Builds the actors of a checkout.
fn build(checkout: &Path, target: &Path) -> (Bundle, Vec<u8>) {
    let modules = target.join("modules-compared");
    let built = Command::new(checkout.join("scripts/build-actors"))
        .args(["--no-pack", "--modules"])
        .arg(&modules)
        .env("FEVM_ACTORS_TARGET_DIR", target)
        // What a user might have set must not matter.
        .env("RUSTFLAGS", "--cfg not_for_actors")
        .env("CARGO_PROFILE_WASM_OPT_LEVEL", "0")
        .output()
        .expect("bash runs the script");
    let log = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{}:\n{log}", checkout.display());
    let tracing = fs::read(modules.join("evm-tracing.wasm")).unwrap();
    (Bundle::pack_folder(&modules).unwrap(), tracing)
}

#[test]
fn two_checkouts_give_the_same_modules() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap();
    let base = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("reproducible");
    let there = base.join("another/checkout");
    mirror(&here, &there).unwrap();

    let target = std::env::var_os("FEVM_ACTORS_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| here.join("target/actors"));

    let mut first = build(&here, &target);
    let mut second = build(&there, &base.join("target"));
    // Somebody may be at work here while this runs; then the two were not of one source.
    while first != second && mirror(&here, &there).unwrap() {
        first = build(&here, &target);
        second = build(&there, &base.join("target"));
    }
    for (one, other) in first.0.actors().iter().zip(second.0.actors()) {
        assert_eq!(one, other, "{} differs", one.name());
    }
    assert_eq!(first.0.manifest(), second.0.manifest());
    assert!(first.1 == second.1, "the tracing EVM actor differs");
}
