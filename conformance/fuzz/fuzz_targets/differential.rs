//! Any bytes as the choices that make a transaction and its state: revm comes to the same.
#![no_main]

#[path = "../../against-revm/tests/differential/against_revm.rs"]
mod against_revm;
#[path = "../../against-revm/tests/differential/edges/mod.rs"]
mod edges;
#[path = "../../against-revm/tests/differential/outcome.rs"]
mod outcome;
#[path = "../../against-revm/tests/differential/precompile_inputs.rs"]
mod precompile_inputs;
#[path = "../../against-revm/tests/differential/program.rs"]
mod program;
#[path = "../../against-revm/tests/differential/scene.rs"]
mod scene;
#[path = "../../against-revm/tests/differential/source.rs"]
mod source;

use evm_interpreter::Fork;
use libfuzzer_sys::fuzz_target;
use source::Source;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, choices)) = bytes.split_first() else { return };
    let fork = Fork::ALL[usize::from(*first) % Fork::ALL.len()];
    let scene = scene::scene(&mut Source::of_bytes(choices), fork);
    if let Some((theirs, _)) = against_revm::theirs(&scene) {
        // Calls go deep, and with sanitizers each takes much more room.
        let ours = std::thread::scope(|scope| {
            std::thread::Builder::new()
                .stack_size(4 << 30)
                .spawn_scoped(scope, || outcome::ours(&scene).0)
                .unwrap()
                .join()
                .unwrap()
        });
        assert_eq!(ours, theirs);
    }
});
