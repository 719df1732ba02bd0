use super::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn names_are_unique_and_plain() {
    let ids: BTreeSet<_> = TABLE.iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), TABLE.len());
    for id in ids {
        let plain = id
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        assert!(plain, "{id}");
    }
}

#[test]
fn every_switch_has_a_row() {
    for (at, switch) in Switch::ALL.into_iter().enumerate() {
        assert_eq!(switch as usize, at);
        assert!(!switch.id().is_empty(), "{switch:?}");
    }
}

#[test]
fn sets_of_switches() {
    let set: Switches = [Switch::SelfDestruct, Switch::Gas].into_iter().collect();
    assert!(set.has(Switch::Gas) && !set.has(Switch::Kzg));
    assert_eq!(set.to_string(), "gas, self-destruct");
    assert_eq!(
        set.without(Switch::Gas).iter().collect::<Vec<_>>(),
        [Switch::SelfDestruct]
    );
    assert!(Switches::NONE.is_empty());
}

#[test]
fn every_row_is_pinned_by_a_test_that_exists() {
    let mut vectors = BTreeSet::new();
    for group in TABLE
        .iter()
        .filter_map(|row| match row.test {
            Pin::Vector(name) => name.split_once('/').map(|(group, _)| group),
            Pin::Function(..) => None,
        })
        .collect::<BTreeSet<_>>()
    {
        let path = root().join(format!("test-vectors/vectors/{group}.json.zst"));
        let file = std::fs::File::open(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let decoder = zstd::Decoder::new(file).unwrap();
        let list: Vec<serde_json::Value> = serde_json::from_reader(decoder).unwrap();
        vectors.extend(
            list.iter()
                .map(|one| one["name"].as_str().unwrap().to_owned()),
        );
    }
    for row in &TABLE {
        match row.test {
            Pin::Vector(name) => assert!(vectors.contains(name), "{}: no vector {name}", row.id),
            Pin::Function(file, name) => {
                let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
                let known = text.contains(&format!("fn {name}("));
                assert!(known, "{}: no function {name} in {file}", row.id);
            }
        }
    }
}
