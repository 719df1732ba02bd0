//! Scenarios as JSON: `{"order": N, "steps": [...]}`, one file each.
//!
//! Scenarios and code files may be compressed: `.json.zst`, `.hex.zst`.
//!
//! In `to`, `send` and `data`, `${name}` is a saved address, `${senderN}` a
//! sender's, `${file:X}` the content of `bin/X.hex` beside the scenarios'
//! folder, and `${rep:N:HEX}` N times HEX.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use alloy_primitives::{Address, hex};
use anyhow::{Context, bail, ensure};

/// The most bytes that a field may become: what a message can hold and more.
const MAX_BYTES: usize = 4 << 20;

/// Steps that run in order on one chain.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The file's name without `.json`.
    #[serde(skip)]
    pub name: String,
    /// Place in the list of scenarios.
    pub order: u32,
    /// What is done.
    pub steps: Vec<Step>,
    #[serde(skip)]
    folder: PathBuf,
}

/// One message: a call (`to`), a plain transfer (`send`), or a creation.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Name within the scenario.
    pub name: String,
    /// Which sender, 0 to 3.
    #[serde(default)]
    pub from: usize,
    /// Called contract.
    pub to: Option<String>,
    /// Receiver of a plain transfer.
    pub send: Option<String>,
    /// Call data, or init code.
    #[serde(default)]
    pub data: String,
    /// attoFIL.
    #[serde(default)]
    pub value: Value,
    /// Name for the created, or the returned, address.
    pub save: Option<String>,
    /// Run, but not reported.
    #[serde(default)]
    pub setup: bool,
    /// May fail.
    #[serde(default)]
    pub optional: bool,
    /// Exit code that is expected; 0 unless given.
    pub expect_exit: Option<u32>,
    /// Returned bytes that are expected, hex.
    pub expect_data: Option<String>,
    /// How often the measured body repeats.
    pub ops: Option<u64>,
}

/// An amount, as a JSON number or as decimal text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Value(pub u128);

impl<'de> serde::Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(u64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Number(n) => Ok(Self(n.into())),
            Form::Text(text) => text
                .parse()
                .map(Self)
                .map_err(|e| serde::de::Error::custom(format!("value '{text}': {e}"))),
        }
    }
}

/// The folder of this repository's scenarios.
pub fn own_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Reads a scenario, or all scenarios of a folder (or of its `scenarios`
/// folder), in their order.
pub fn read(path: &Path) -> anyhow::Result<Vec<Scenario>> {
    if !path.is_dir() {
        return Ok(vec![read_file(path)?]);
    }
    let (folder, files) = files_of(path)?;
    ensure!(
        !files.is_empty(),
        "no scenarios (.json, .json.zst) in {}",
        folder.display()
    );
    let mut scenarios = files
        .iter()
        .map(|file| read_file(file))
        .collect::<anyhow::Result<Vec<_>>>()?;
    scenarios.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
    Ok(scenarios)
}

/// Whether [`read`] would find scenarios there: in a file, whatever is in it, or in a folder with files of
/// their names.
pub fn are_at(path: &Path) -> bool {
    path.is_file() || path.is_dir() && files_of(path).is_ok_and(|(_, files)| !files.is_empty())
}

/// The folder where a folder's scenarios are, and their files.
fn files_of(path: &Path) -> anyhow::Result<(PathBuf, Vec<PathBuf>)> {
    let inner = path.join("scenarios");
    let folder = if inner.is_dir() { inner } else { path.into() };
    let entries = std::fs::read_dir(&folder)
        .with_context(|| format!("cannot read folder {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let file = entry?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".json") || name.ends_with(".json.zst") {
            files.push(file);
        }
    }
    Ok((folder, files))
}

fn read_file(path: &Path) -> anyhow::Result<Scenario> {
    let json = read_text(path)?;
    let mut scenario: Scenario = serde_json::from_str(&json)
        .with_context(|| format!("{} is no scenario", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.trim_end_matches(".zst").trim_end_matches(".json");
    scenario.name = name.to_owned();
    scenario.folder = path.parent().unwrap_or(Path::new(".")).to_path_buf();
    Ok(scenario)
}

/// The text of a file, which is compressed if its name says so.
fn read_text(path: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", path.display());
    if path.extension().is_none_or(|e| e != "zst") {
        return std::fs::read_to_string(path).with_context(cannot);
    }
    let file = std::fs::File::open(path).with_context(cannot)?;
    let mut text = String::new();
    ruzstd::decoding::StreamingDecoder::new(file)
        .map_err(anyhow::Error::from)
        .and_then(|mut decoder| Ok(decoder.read_to_string(&mut text)?))
        .with_context(cannot)?;
    Ok(text)
}

/// Addresses by name: senders, and what steps have saved.
pub type Names = BTreeMap<String, Address>;

impl Scenario {
    /// The bytes of a field: hex, with `${…}` replaced.
    pub fn bytes(&self, field: &str, names: &Names) -> anyhow::Result<Vec<u8>> {
        let mut digits = String::new();
        let mut rest = field;
        while let Some((before, after)) = rest.split_once("${") {
            digits.push_str(before);
            let (name, after) = after
                .split_once('}')
                .with_context(|| format!("'${{{}' has no closing brace", shorten(after)))?;
            digits.push_str(&self.replacement(name, names)?);
            ensure!(
                digits.len() <= 2 * MAX_BYTES,
                "longer than {MAX_BYTES} bytes"
            );
            rest = after;
        }
        digits.push_str(rest);
        let digits = digits.strip_prefix("0x").unwrap_or(&digits);
        hex::decode(digits).with_context(|| format!("'{}' is not hex", shorten(field)))
    }

    /// The address in a field.
    pub fn address(&self, field: &str, names: &Names) -> anyhow::Result<Address> {
        let bytes = self.bytes(field, names)?;
        Address::try_from(bytes.as_slice())
            .with_context(|| format!("'{field}' is {} bytes long, not 20", bytes.len()))
    }

    fn replacement(&self, name: &str, names: &Names) -> anyhow::Result<String> {
        if let Some(file) = name.strip_prefix("file:") {
            return self.file(file);
        }
        if let Some(rule) = name.strip_prefix("rep:") {
            let (count, digits) = rule
                .split_once(':')
                .with_context(|| format!("'${{{name}}}' is not ${{rep:N:HEX}}"))?;
            let count: usize = count
                .parse()
                .with_context(|| format!("'{count}' in '${{{}}}'", shorten(name)))?;
            ensure!(
                count.saturating_mul(digits.len()) <= 2 * MAX_BYTES,
                "'${{{}}}' is longer than {MAX_BYTES} bytes",
                shorten(name)
            );
            return Ok(digits.repeat(count));
        }
        match names.get(name) {
            Some(address) => Ok(hex::encode(address)),
            None => bail!("'${{{name}}}' is neither a sender nor saved by an earlier step"),
        }
    }

    fn file(&self, name: &str) -> anyhow::Result<String> {
        let plain = name
            .chars()
            .all(|c| c.is_alphanumeric() || "-_.".contains(c));
        ensure!(plain && !name.starts_with('.'), "file name '{name}'");
        // In `bin` of the scenarios' folder, or beside that folder.
        let places = [self.folder.join("bin"), self.folder.join("..").join("bin")];
        let plain = places.iter().map(|at| at.join(format!("{name}.hex")));
        let compressed = places.iter().map(|at| at.join(format!("{name}.hex.zst")));
        let found = plain.chain(compressed).find(|path| path.exists());
        let path = found.unwrap_or_else(|| places[1].join(format!("{name}.hex")));
        let text = read_text(&path)?;
        Ok(text.trim().trim_start_matches("0x").to_owned())
    }
}

fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario() -> Scenario {
        serde_json::from_str(r#"{"order": 1, "steps": []}"#).unwrap()
    }

    #[test]
    fn fields_are_replaced() {
        let names = Names::from([("a".into(), Address::repeat_byte(7))]);
        let bytes = scenario().bytes("0x01${rep:3:0203}${a}", &names).unwrap();
        assert_eq!(bytes[..7], [1, 2, 3, 2, 3, 2, 3]);
        assert_eq!(bytes[7..], [7; 20]);
    }

    #[test]
    fn bad_fields_are_named() {
        for (field, part) in [
            ("0g", "'0g' is not hex"),
            ("012", "is not hex"),
            ("${nobody}", "neither a sender"),
            ("${rep:x:00}", "'x' in"),
            ("${rep:99999999999:00}", "longer than"),
            ("${open", "no closing brace"),
            ("${file:../secret}", "file name"),
            ("${file:missing}", "cannot read"),
        ] {
            let error = format!("{:#}", scenario().bytes(field, &Names::new()).unwrap_err());
            assert!(error.contains(part), "{field}: {error}");
        }
        let step = r#"{"name": "x", "unknown": 1}"#;
        assert!(serde_json::from_str::<Step>(step).is_err());
    }
}
