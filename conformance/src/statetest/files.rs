//! The files that paths stand for.

use crate::fixture::FixtureError;
use std::path::{Path, PathBuf};

/// The files at a path: itself, or every `*.json` below a folder, in order of their names. Hidden
/// folders hold no tests. Folders that cannot be read are errors of their own.
pub(super) fn collect(path: &Path, files: &mut Vec<PathBuf>, errors: &mut Vec<FixtureError>) {
    if !path.is_dir() {
        files.push(path.into());
        return;
    }
    let unreadable = |path: &Path, source| FixtureError::Unreadable { path: path.into(), source };
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => {
            errors.push(unreadable(path, error));
            return;
        }
    };
    let mut paths = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => paths.push(entry.path()),
            Err(error) => errors.push(unreadable(path, error)),
        }
    }
    paths.sort();
    for path in paths {
        let hidden =
            path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.is_dir() {
            if !hidden {
                collect(&path, files, errors);
            }
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
}
