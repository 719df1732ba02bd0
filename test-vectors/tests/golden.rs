//! All golden vectors on this suite's actors.

use fevm_bundle::ours;
use fevm_test_vectors::divergence::DIVERGENCES;
use fevm_test_vectors::runner::{Options, SwitchPlan, run};
use fevm_test_vectors::switch::SwitchMode;
use fevm_test_vectors::{archive, report};

#[test]
fn every_message_does_what_was_recorded() {
    let vectors = archive::read(&archive::own_folder()).unwrap();
    let results = run(&vectors, &ours().unwrap(), &Options::default());
    let failures: String = results
        .iter()
        .filter(|r| !r.is_ok())
        .map(report::mismatches)
        .collect();
    assert!(
        failures.is_empty(),
        "\n{failures}{}",
        report::summary(&results)
    );

    let allowed: usize = results.iter().map(|r| r.allowed.len()).sum();
    assert_eq!(
        allowed,
        DIVERGENCES.len(),
        "a listed divergence no longer occurs"
    );
}

/// The machinery of both ways to change a bundle in the middle; here to the
/// same actors, so that nothing may differ.
#[test]
fn a_change_of_bundle_in_the_middle_changes_nothing() {
    let mut vectors = archive::read(&archive::own_folder()).unwrap();
    vectors.retain(|v| v.name.starts_with("storage/") || v.name.starts_with("contracts/"));
    let bundle = ours().unwrap();
    for mode in [SwitchMode::Redirect, SwitchMode::Rewrite] {
        let options = Options {
            switch: Some(SwitchPlan {
                at: None,
                mode,
                to: &bundle,
            }),
            ..Options::default()
        };
        for result in run(&vectors, &bundle, &options) {
            assert!(result.is_ok(), "{mode:?}\n{}", report::mismatches(&result));
        }
    }
}

/// A runner that accepts everything would be no runner.
#[test]
fn tampered_expectations_are_found() {
    let vectors = archive::read(&archive::own_folder()).unwrap();
    let honest = vectors
        .iter()
        .find(|v| v.name == "eam/nonce-effects")
        .expect("the vector is in the repository");
    let bundle = ours().unwrap();
    type Tamper = fn(&mut fevm_test_vectors::format::Expect);
    let tampers: [(&str, Tamper); 5] = [
        ("exit code", |e| e.exit_code += 1),
        ("return", |e| e.return_data.0.push(0)),
        ("f0109 nonce", |e| e.actors[2].nonce += 1),
        ("f0100", |e| drop(e.actors.remove(1))),
        ("f0109 EVM nonce", |e| {
            e.actors[2].head = e.actors[0].head;
            e.actors[2].evm.as_mut().expect("a contract").nonce += 1;
        }),
    ];
    for (what, tamper) in tampers {
        let mut vector = honest.clone();
        tamper(&mut vector.steps[0].expect);
        let result = &run(&[vector], &bundle, &Options::default())[0];
        let found = result.mismatches.first().expect("a mismatch");
        assert_eq!(found.index, 0);
        assert!(
            found.differences.iter().any(|d| d.what == what),
            "{what}: {:?}",
            found.differences
        );
    }
}
