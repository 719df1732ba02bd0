//! Random transactions on random states, under every fork: our outcome against that of others.
//!
//! | module | what it holds |
//! |---|---|
//! | `source` | where choices come from |
//! | `scene`, `edges`, `program`, `precompile_inputs` | what is made of them |
//! | `outcome` | what comes of a scene here |
//! | `against_revm` | and in revm |
//! | `state_test` | a scene as a state test, for other tools |
//! | `against_geth` | and in go-ethereum, if it is there: roots and traces |

mod against_geth;
mod against_revm;
mod edges;
mod outcome;
mod precompile_inputs;
mod program;
mod scene;
mod source;
mod state_test;

use evm_interpreter::Fork;
use scene::Scene;
use source::Source;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Seeds that once met with a difference, or are likely to meet the next one.
const CORPUS: &str = include_str!("corpus.txt");

/// The first of the seeds that every run tries, and how many of them.
const SEEDS: core::ops::Range<u64> = 0..15_000;

/// The scene of a seed: forks take turns.
pub(crate) fn scene_of(seed: u64) -> Scene {
    let fork = Fork::ALL[(seed % Fork::ALL.len() as u64) as usize];
    scene::scene(&mut Source::seeded(seed), fork)
}

/// Runs `work` on a thread with room for 1,024 frames.
pub(crate) fn with_deep_stack<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(fevm_conformance::runner::STACK_SIZE)
            .spawn_scoped(scope, work)
            .unwrap()
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// What the scenes of a run came to, by fork: done, failed, refused.
type Tally = BTreeMap<Fork, [u64; 3]>;

/// Compares a scene with revm's outcome; says what differs.
fn compare(scene: &Scene, tally: &mut Tally) -> Result<(), String> {
    let Some((theirs, their_reason)) = against_revm::theirs(scene) else {
        return Ok(());
    };
    let (ours, reason) = outcome::ours(scene);
    let kind = match &ours.done {
        Some(done) if done.success => 0,
        Some(_) => 1,
        None => 2,
    };
    tally.entry(scene.block.fork).or_default()[kind] += 1;
    if ours == theirs {
        return Ok(());
    }
    let mut text = String::new();
    if ours.done != theirs.done {
        text += &format!(
            "ours {:?} {reason}\nrevm {:?} {their_reason}\n",
            ours.done, theirs.done
        );
    }
    let accounts: std::collections::BTreeSet<_> =
        ours.state.keys().chain(theirs.state.keys()).collect();
    for account in accounts {
        let (a, b) = (ours.state.get(account), theirs.state.get(account));
        if a != b {
            text += &format!("{account:?}\nours {a:?}\nrevm {b:?}\n");
        }
    }
    Err(text)
}

/// Compares the scene of a seed; a difference leaves it behind as a state test.
fn compare_seed(seed: u64, tally: &mut Tally) {
    let scene = scene_of(seed);
    if let Err(difference) = compare(&scene, tally) {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("difference-{seed}.json"));
        std::fs::write(&path, state_test::file(&scene, &format!("seed {seed}"))).unwrap();
        panic!(
            "seed {seed}, {:?}; as a state test: {}\n{difference}",
            scene.block.fork,
            path.display()
        );
    }
}

fn print(tally: &Tally) {
    println!("fork              succeeded  failed  refused");
    for (fork, [done, failed, refused]) in tally {
        println!(
            "{:16} {done:>10} {failed:>7} {refused:>8}",
            format!("{fork:?}")
        );
    }
}

#[test]
fn as_revm() {
    let tally = with_deep_stack(|| {
        let mut tally = Tally::new();
        let corpus = CORPUS
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty());
        let corpus = corpus.map(|line| line.split(' ').next().unwrap().parse().unwrap());
        for seed in corpus.chain(SEEDS) {
            compare_seed(seed, &mut tally);
        }
        tally
    });
    print(&tally);
    // The generator is worth something only if all ways to end are common.
    for (fork, [done, failed, refused]) in tally {
        assert!(
            done > 200 && failed > 100 && refused > 5,
            "{fork:?} {done} {failed} {refused}"
        );
    }
}

/// How long a long run takes, and its first seed.
pub(crate) fn long_run() -> (Duration, u64) {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().unwrap())
    };
    let now = || {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
    };
    let first = number("FEVM_FUZZ_SEED").unwrap_or_else(|| now().as_secs() << 20);
    (
        Duration::from_secs(number("FEVM_FUZZ_SECONDS").unwrap_or(900)),
        first,
    )
}

/// The long run (`scripts/fuzz`): FEVM_FUZZ_SECONDS of new seeds on all cores, from FEVM_FUZZ_SEED
/// on, or from the time of day.
#[test]
#[ignore = "as long as FEVM_FUZZ_SECONDS says"]
fn as_revm_for_long() {
    let (length, first) = long_run();
    println!("first seed {first}");
    let jobs = std::thread::available_parallelism().map_or(1, core::num::NonZero::get);
    let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
    let end = Instant::now() + length;
    let all = std::sync::Mutex::new(Tally::new());
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            let work = || {
                let mut tally = Tally::new();
                while Instant::now() < end && !failed.load(Ordering::Relaxed) {
                    let seed = first.wrapping_add(next.fetch_add(1, Ordering::Relaxed));
                    let scene = scene_of(seed);
                    if compare(&scene, &mut tally).is_err() {
                        failed.store(true, Ordering::Relaxed);
                        compare_seed(seed, &mut tally);
                    }
                }
                let mut all = all.lock().unwrap();
                for (fork, counts) in tally {
                    let sums = all.entry(fork).or_default();
                    sums.iter_mut()
                        .zip(counts)
                        .for_each(|(sum, count)| *sum += count);
                }
            };
            std::thread::Builder::new()
                .stack_size(fevm_conformance::runner::STACK_SIZE)
                .spawn_scoped(scope, work)
                .unwrap();
        }
    });
    let all = all.into_inner().unwrap();
    print(&all);
    let scenes: u64 = all.values().flatten().sum();
    println!("{scenes} scenes in {length:?}, no difference");
}
