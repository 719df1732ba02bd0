//! Where vectors come from: those of this repository, compressed by group, and
//! any others by path.

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::format::Vector;

/// The folder of this repository's vectors.
pub fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// Reads the vectors of a file or of all files of a folder, by name. A file
/// holds one vector or a list of them, as `.json` or compressed as
/// `.json.zst`; others in a folder are passed over.
pub fn read(path: &Path) -> anyhow::Result<Vec<Vector>> {
    let mut vectors = Vec::new();
    if path.is_dir() {
        let entries = std::fs::read_dir(path)
            .with_context(|| format!("cannot read folder {}", path.display()))?;
        for entry in entries {
            let file = entry?.path();
            if is_vector_file(&file) {
                vectors.append(&mut read_file(&file)?);
            }
        }
        if vectors.is_empty() {
            bail!("no vectors (.json, .json.zst) in {}", path.display());
        }
    } else {
        vectors = read_file(path)?;
    }
    vectors.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(vectors)
}

/// Writes vectors as a list, one vector a line, compressed if the file's name ends in `.zst`.
pub fn write(path: &Path, vectors: &[Vector]) -> anyhow::Result<()> {
    let mut json = b"[\n".to_vec();
    for (n, vector) in vectors.iter().enumerate() {
        if n > 0 {
            json.extend_from_slice(b",\n");
        }
        json.extend(serde_json::to_vec(vector)?);
    }
    json.extend_from_slice(b"\n]\n");
    if path.extension().is_some_and(|e| e == "zst") {
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        json = ruzstd::encoding::compress_to_vec(&json[..], level);
    }
    std::fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))
}

fn is_vector_file(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(".json") || name.ends_with(".json.zst")
}

fn read_file(path: &Path) -> anyhow::Result<Vec<Vector>> {
    let raw = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let json = if path.extension().is_some_and(|e| e == "zst") {
        decompress(&raw).with_context(|| format!("{} is no zstd file", path.display()))?
    } else {
        raw
    };
    let vectors = parse(&json).with_context(|| format!("{} is no vector", path.display()))?;
    for vector in &vectors {
        if vector.format != 1 {
            bail!(
                "{}: vector {} has format {}, this runner knows 1",
                path.display(),
                vector.name,
                vector.format
            );
        }
    }
    Ok(vectors)
}

fn parse(json: &[u8]) -> serde_json::Result<Vec<Vector>> {
    let is_list = json.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'[');
    if is_list {
        serde_json::from_slice(json)
    } else {
        serde_json::from_slice(json).map(|vector| vec![vector])
    }
}

fn decompress(raw: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut json = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(raw)?.read_to_end(&mut json)?;
    Ok(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_holds_all_groups() {
        let vectors = read(&own_folder()).unwrap();
        assert_eq!(vectors.len(), 213);
        let messages: usize = vectors.iter().map(|v| v.steps.len()).sum();
        assert!(messages > 5_900, "{messages}");
    }

    #[test]
    fn what_is_no_vector_is_named() {
        let missing = read(Path::new("no/such.json")).unwrap_err();
        assert!(missing.to_string().contains("no/such.json"), "{missing}");
        let own = read_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"));
        assert!(own.unwrap_err().to_string().contains("is no vector"));
    }
}
