//! The official state tests: those of `FEVM_FIXTURES` (a folder of JSON files, or of `*.tar.zst`
//! archives of them) or of `../shared/fixtures` beside the repository, else the selection in
//! `fixtures/`.

use fevm_conformance::statetest::all::run_all;
use fevm_conformance::statetest::run::Selection;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Cases of the selection; a whole set has more.
const SELECTED: usize = 1375;

#[test]
fn all_pass() {
    let folder = folder();
    let jobs = std::thread::available_parallelism().map_or(1, |jobs| jobs.get());
    let all = run_all(std::slice::from_ref(&folder), &Selection::default(), jobs).unwrap();
    for error in &all.errors {
        eprintln!("{error}");
    }
    let mut failed = 0;
    for (path, case) in all.failures() {
        failed += 1;
        if let Some(failure) = &case.failure {
            let (name, fork, index) = (&case.name, &case.fork, case.index);
            eprintln!("{} {name} [{fork} {index}]: {failure}", path.display());
        }
    }
    println!("{} cases of {}", all.cases(), folder.display());
    assert!(all.errors.is_empty());
    assert_eq!(failed, 0);
    assert!(all.cases() >= SELECTED, "only {} cases", all.cases());
}

fn folder() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let beside = here.join("../../shared/fixtures");
    match std::env::var_os("FEVM_FIXTURES") {
        Some(folder) => unpacked(Path::new(&folder)),
        None if beside.is_dir() => unpacked(&beside),
        None => here.join("fixtures"),
    }
}

/// The folder, or one with what its archives hold.
fn unpacked(folder: &Path) -> PathBuf {
    let archives: Vec<_> = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("FEVM_FIXTURES: {}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".tar.zst"))
        .collect();
    if archives.is_empty() {
        return folder.into();
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixtures");
    let _ = fs::remove_dir_all(&target);
    for archive in archives {
        let file = BufReader::new(File::open(&archive).unwrap());
        let mut decoder = zstd::Decoder::with_buffer(file).unwrap();
        // The archives' windows are of 128 MiB.
        decoder.window_log_max(27).unwrap();
        tar::Archive::new(decoder)
            .unpack(&target)
            .unwrap_or_else(|error| panic!("{}: {error}", archive.display()));
    }
    target
}
