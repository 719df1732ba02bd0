//! This repository's own scenarios, in the form of the golden vectors: `vectors/own.json.zst` holds
//! them with what Filecoin's actors did, and they are replayed with all others (`golden.rs`).
//!
//! They are written down here. After a change, `FEVM_RECORD=FILE` makes this test write the messages
//! to a file, and `fevm-vectors --vectors FILE --bundle FILECOIN.car --record FILE` what they do.

mod assembler;
mod chain;
mod encodings;
mod probe;
mod topics;

use fevm_test_vectors::archive;
use fevm_test_vectors::format::Vector;

/// What is applied, without what comes of it.
fn messages(vectors: &[Vector]) -> Vec<String> {
    let stripped = vectors.iter().map(|vector| {
        let mut vector = vector.clone();
        vector.genesis.init_state = None;
        for step in &mut vector.steps {
            step.expect = Default::default();
        }
        serde_json::to_string(&vector).unwrap()
    });
    stripped.collect()
}

#[test]
fn the_recorded_messages_are_those_written_here() {
    let mut written = topics::all();
    written.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(path) = std::env::var_os("FEVM_RECORD") {
        archive::write(path.as_ref(), &written).unwrap();
        return;
    }
    let recorded = archive::read(&archive::own_folder().join("own.json.zst")).unwrap();
    assert!(
        messages(&recorded) == messages(&written),
        "vectors/own.json.zst holds other messages than these tests"
    );
    for vector in &recorded {
        let failed = vector.steps.iter().filter(|s| s.expect.exit_code != 0);
        println!(
            "{}: {} messages, {} fail",
            vector.name,
            vector.steps.len(),
            failed.count()
        );
    }
}
