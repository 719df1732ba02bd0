//! The actors inside the real FVM against input that nobody would send: parameters, code and state,
//! random and damaged. Whatever comes, a message ends with an exit code of its actor: no trap, no
//! panic, no fatal error of the machine.
//!
//! Every run is the same: cases come from fixed seeds. `FEVM_FUZZ_SECONDS` makes each test go on with
//! further seeds for that long, `FEVM_FUZZ_SEED` begins elsewhere, and `FEVM_FILECOIN_BUNDLE` (a CAR
//! file) has every case run on Filecoin's own actors too, and both must do the same (but for damaged
//! states, of which exit codes are listed side by side). See
//! `scripts/fuzz-actors`.

mod cbor;
mod params;
mod program;
mod rng;
mod sequence;
mod state;
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use fevm_machine::MachineError;
use fevm_test_vectors::archive;
use rng::Rng;
use world::{ACCOUNT, CONTRACTS, Case, World};

/// Cases of each test, where no time is given.
const CASES: u64 = 2_500;

/// Gas where both bundles run a case: enough for either.
const COMPARED_GAS: u64 = 400_000_000;

/// Sequences, where no time is given.
const SEQUENCES: u64 = 60;

/// Sequences among the golden vectors.
const RECORDED: u64 = 40;

fn filecoin_bundle() -> Option<fevm_bundle::Bundle> {
    let path = std::env::var_os("FEVM_FILECOIN_BUNDLE")?;
    Some(fevm_bundle::read(Path::new(&path)).expect("FEVM_FILECOIN_BUNDLE"))
}

struct Worlds {
    ours: World,
    theirs: Option<World>,
    /// Of damaged states: method, exit code of ours and of theirs, how often.
    damaged: RefCell<BTreeMap<(u64, u32, u32), u64>>,
}

impl Worlds {
    fn new() -> Self {
        Self {
            ours: World::new(&fevm_bundle::ours().unwrap()),
            theirs: filecoin_bundle().as_ref().map(World::new),
            damaged: RefCell::default(),
        }
    }

    /// Runs a case; what is wrong with it, if anything.
    fn check(&self, case: &Case) -> Result<u32, String> {
        let mut case = case.clone();
        if self.theirs.is_some() {
            case.gas_limit = COMPARED_GAS;
        }
        let ours = match self.ours.run(&case) {
            Ok(ran) => ran,
            Err(error) if is_damaged_below_the_actors(&error, &case) => return Ok(u32::MAX),
            Err(error) => return Err(error.to_string()),
        };
        if let Some(offence) = world::offence(&ours) {
            return Err(offence);
        }
        if let Some(world) = &self.theirs {
            match world.run(&case) {
                Ok(theirs) if world::exhausted(&ours) || world::exhausted(&theirs) => {}
                // Of a damaged state the two read different parts, so they find different damage.
                Ok(theirs) if !case.heads.is_empty() => {
                    let code = |ran: &world::Ran| ran.outcome.exit_code.value();
                    let pair = (case.method, code(&ours), code(&theirs));
                    *self.damaged.borrow_mut().entry(pair).or_default() += 1;
                    if (pair.1 == 0) != (pair.2 == 0) && pair.2 != 23 {
                        println!("damaged, {pair:?}: {case:x?}");
                    }
                }
                Ok(theirs) => {
                    if let Some(difference) = world::difference(&ours, &theirs) {
                        return Err(difference);
                    }
                }
                Err(error) if is_damaged_below_the_actors(&error, &case) => {}
                Err(error) => return Err(format!("only theirs: {error}")),
            }
        }
        Ok(ours.outcome.exit_code.value())
    }
}

/// The FVM itself gives up on a block that a state links to and that is not there: the node has lost
/// data, and no actor can be asked.
fn is_damaged_below_the_actors(error: &MachineError, case: &Case) -> bool {
    !case.heads.is_empty() && format!("{error:#}").contains("missing reachable state")
}

/// Runs cases by number, for as long as the environment says.
fn run(first_seed: u64, mut generate: impl FnMut(&mut Rng, &Worlds) -> Case) {
    let worlds = Worlds::new();
    seeds(first_seed, CASES, |seed| {
        let case = generate(&mut Rng::new(seed), &worlds);
        let checked = worlds.check(&case).map(|code| vec![code]);
        checked.map_err(|finding| format!("{finding}\n{case:x?}"))
    });
    for ((method, ours, theirs), count) in worlds.damaged.borrow().iter() {
        println!("  damaged, method {method}: ours {ours}, theirs {theirs}: {count}");
    }
}

/// Tries seeds, `cases` of them or for as long as the environment says. Each gives exit codes, or what
/// is wrong.
fn seeds(first_seed: u64, cases: u64, mut check: impl FnMut(u64) -> Result<Vec<u32>, String>) {
    let number = |name: &str| -> Option<u64> { std::env::var(name).ok()?.parse().ok() };
    let time = number("FEVM_FUZZ_SECONDS").map(Duration::from_secs);
    let first = number("FEVM_FUZZ_SEED").unwrap_or(first_seed);
    let started = Instant::now();
    let mut codes = BTreeMap::<u32, u64>::new();
    let mut findings = Vec::new();
    let mut seed = first;
    while match time {
        Some(time) => started.elapsed() < time,
        None => seed < first + cases,
    } {
        match check(seed) {
            Ok(exits) => exits
                .into_iter()
                .for_each(|code| *codes.entry(code).or_default() += 1),
            Err(finding) => {
                println!("seed {seed}: {finding}\n");
                findings.push(seed);
            }
        }
        seed += 1;
        if findings.len() >= 20 {
            break;
        }
    }
    println!("{} cases, exit codes {codes:?}", seed - first);
    assert!(findings.is_empty(), "seeds {findings:?}");
}

#[test]
fn parameters() {
    run(1_000_000, |rng, worlds| {
        params::case(rng, worlds.theirs.is_some())
    });
}

#[test]
fn code() {
    run(2_000_000, |rng, worlds| {
        let code = program::random(rng, &CONTRACTS, worlds.theirs.is_some());
        if rng.chance(30) {
            let init_code = cbor::Value::Bytes(code).encode();
            return Case::new(ACCOUNT, 10, 4, init_code);
        }
        let len = rng.length(100);
        let input = cbor::Value::Bytes(rng.bytes(len)).encode();
        let mut case = Case::new(ACCOUNT, 0, 3_844_450_837, input);
        case.program = Some(code);
        if rng.chance(20) {
            case.value = 1_000;
        }
        case
    });
}

/// Sequences of messages over contracts that know each other. With Filecoin's bundle the states are
/// compared after every message. `FEVM_RECORD=FILE` writes those that are golden vectors, without what
/// comes of them; see `fevm-vectors --record`.
#[test]
fn sequences() {
    if let Some(path) = std::env::var_os("FEVM_RECORD") {
        let vectors: Vec<_> = (1..=RECORDED)
            .map(|n| sequence::generate(&mut Rng::new(n), format!("sequence/{n:02}"), false))
            .collect();
        archive::write(path.as_ref(), &vectors).unwrap();
        return;
    }
    let ours = fevm_bundle::ours().unwrap();
    let theirs = filecoin_bundle();
    seeds(4_000_000, SEQUENCES, |seed| {
        let mut rng = Rng::new(seed);
        let gas = rng.chance(25);
        let vector = sequence::generate(&mut rng, format!("sequence/{seed}"), gas);
        sequence::check(&vector, &ours, theirs.as_ref())
    });
}

#[test]
fn damaged_state() {
    run(3_000_000, |rng, worlds| state::case(rng, &worlds.ours));
}
