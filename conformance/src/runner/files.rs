//! The files that paths stand for.

use crate::fixture::FixtureError;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// The files at a path: itself, or every `*.json` below a folder, in order of their names. Hidden
/// folders hold no tests. Folders that cannot be read are errors of their own.
pub(crate) fn collect(path: &Path, files: &mut Vec<PathBuf>, errors: &mut Vec<FixtureError>) {
    if !path.is_dir() {
        files.push(path.into());
        return;
    }
    let unreadable = |path: &Path, source| FixtureError::Unreadable {
        path: path.into(),
        source,
    };
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
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.is_dir() {
            if !hidden {
                collect(&path, files, errors);
            }
        } else if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
}

/// When to run the files: the lowest first. The official suites keep their slowest tests in folders
/// of these names; a long one begun last would leave the other cores idle. So would the same one
/// from two suites at once: expensive precompiles are computed by one thread while others wait.
pub(crate) fn ranks(files: &[PathBuf]) -> Vec<u8> {
    const SLOW: [&str; 3] = [
        "stTimeConsuming",
        "stQuadraticComplexityTest",
        "vmPerformance",
    ];
    let mut seen = HashSet::new();
    files
        .iter()
        .map(|path| {
            let folder = path
                .parent()
                .and_then(Path::file_name)
                .and_then(|name| name.to_str());
            match folder.is_some_and(|folder| SLOW.contains(&folder)) {
                false => 1,
                true if seen.insert(path.file_name()) => 0,
                true => 2,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_ones_first_and_their_twins_last() {
        let files = [
            "a/stExample/b.json",
            "a/stTimeConsuming/c.json",
            "d/stTimeConsuming/c.json",
        ];
        assert_eq!(ranks(&files.map(PathBuf::from)), [1, 0, 2]);
    }
}
