//! `RULES.md` names no vector and no test that does not exist.

use std::collections::BTreeSet;
use std::path::Path;

use fevm_test_vectors::archive;

#[test]
fn every_proof_exists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(folder.join("RULES.md")).unwrap();
    let vectors = archive::read(&archive::own_folder()).unwrap();
    let vectors: BTreeSet<&str> = vectors.iter().map(|vector| vector.name.as_str()).collect();
    let mut proofs = 0;
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let Some((_, proof)) = line.trim_end_matches(" |").rsplit_once(" | ") else {
            continue;
        };
        if proof == "proved by" {
            continue;
        }
        for item in proof.split(", ") {
            match item
                .strip_prefix("[`")
                .and_then(|rest| rest.split_once("`]("))
            {
                Some((test, rest)) => {
                    let path = folder.join(rest.trim_end_matches(')'));
                    let source = std::fs::read_to_string(&path)
                        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                    assert!(
                        source.contains(&format!("fn {test}(")),
                        "no {test} in {rest}"
                    );
                }
                None => assert!(vectors.contains(item.trim_matches('`')), "no vector {item}"),
            }
            proofs += 1;
        }
    }
    assert!(proofs > 100, "{proofs}");
}
