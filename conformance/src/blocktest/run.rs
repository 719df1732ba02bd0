//! Files and tests, one after the other.

use super::outcome::{Failure, TestResult};
use super::payload::{self, Refusal};
use crate::chain::{BlockRejection, Network, Reason, SealedBlock, Tree};
use crate::ethereum::memo::PrecompileMemo;
use crate::ethereum::{Account, BlobSchedule, Code, Prestate, Tracer};
use crate::fixture::block_test::Form;
use crate::fixture::state_test::PreAccount;
use crate::fixture::{BlockTest, FixtureError, Ordered, Quantity, read_block_tests};
use crate::runner::{dump, panic_text};
use crate::trace::{JsonTracer, TraceOptions};
use evm_interpreter::inspector::NoInspector;
use evm_interpreter::{Fork, H160, H256, U256};
use regex::Regex;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

/// Which tests to run, and what to find out.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Tests whose name has a match.
    pub name: Option<Regex>,
    /// Add the state of the head.
    pub dump: bool,
    /// Outputs of expensive precompiles.
    pub memo: Arc<PrecompileMemo>,
}

/// Runs the tests of a file in the order of their names; with `trace`, writes their traces. After
/// each test that passed the head's state root is written to `log`.
///
/// # Errors
/// If the file cannot be read, or is no file of blockchain tests.
pub fn run_file<W: Write>(
    path: &Path,
    selection: &Selection,
    trace: Option<TraceOptions>,
    log: &mut W,
) -> Result<Vec<TestResult>, FixtureError> {
    let mut tests = read_block_tests(path)?.0;
    tests.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut results = Vec::new();
    for (name, mut test) in tests {
        if selection
            .name
            .as_ref()
            .is_some_and(|regex| !regex.is_match(&name))
        {
            continue;
        }
        let fork = test.network.clone();
        let run = || match trace {
            None => run_test(&mut test, selection, &mut NoInspector),
            Some(options) => {
                let mut tracer = JsonTracer::new(&mut *log, options, Fork::LATEST);
                run_test(&mut test, selection, &mut tracer)
            }
        };
        let ran = catch_unwind(AssertUnwindSafe(run))
            .unwrap_or_else(|panic| Err(Failure::Panic(panic_text(panic.as_ref()))));
        let mut result = TestResult {
            name,
            fork,
            index: 0,
            state_root: None,
            failure: None,
            dump: None,
            bench: None,
        };
        match ran {
            Ok(ran) => {
                let _ = writeln!(log, "{{\"stateRoot\": \"{:#x}\"}}", ran.state_root);
                result.state_root = Some(ran.state_root);
                result.dump = ran.dump;
            }
            Err(failure) => result.failure = Some(failure),
        }
        results.push(result);
    }
    Ok(results)
}

/// What a test that passed came to.
struct Ran {
    state_root: H256,
    dump: Option<Box<serde_json::value::RawValue>>,
}

fn run_test<T: Tracer>(
    test: &mut BlockTest,
    selection: &Selection,
    tracer: &mut T,
) -> Result<Ran, Failure> {
    let schedules: Vec<_> = test
        .config
        .blob_schedule
        .0
        .iter()
        .map(|(name, given)| (name.clone(), BlobSchedule::from(*given)))
        .collect();
    let network = Network::by_name(&test.network, &schedules)
        .ok_or_else(|| Failure::UnknownNetwork(test.network.clone()))?;
    let state = Arc::new(prestate(core::mem::take(&mut test.pre)));
    let genesis = genesis(test, &state)?;
    let chain_id = test.config.chainid.map_or(1, |id| id.0);
    let memo = Some(Arc::clone(&selection.memo));
    let mut tree = Tree::new(network, chain_id, &genesis, state, memo);
    for index in 0..test.blocks.len() {
        insert(test, index, &mut tree, tracer)?;
    }
    let (got, want) = (tree.head(), test.lastblockhash.0);
    if got != want {
        return Err(Failure::LastBlock { got, want });
    }
    let Some(state) = tree.state() else {
        return Err(Failure::LastBlock { got, want });
    };
    let state_root = state.root();
    if let Some(post) = &test.post_state {
        check_post(post, state)?;
    }
    if let Some(want) = test.post_state_hash.filter(|want| want.0 != state_root) {
        return Err(Failure::PostRoot {
            got: state_root,
            want: want.0,
        });
    }
    let dump = selection.dump.then(|| dump::state(state, state_root));
    Ok(Ran { state_root, dump })
}

fn prestate(accounts: Ordered<Quantity<H160>, PreAccount>) -> Prestate {
    Prestate::new(accounts.0.into_iter().map(|(address, account)| {
        let account = Account {
            balance: account.balance.0,
            nonce: account.nonce.0,
            code: Code::new(account.code.0),
            storage: account
                .storage
                .0
                .into_iter()
                .map(|(key, value)| (key.0, value.0))
                .collect(),
        };
        (address.0, account)
    }))
}

/// The genesis, if header, bytes and state say the same.
fn genesis(test: &BlockTest, state: &Prestate) -> Result<SealedBlock, Failure> {
    let given = &test.genesis_block_header;
    let header = given.header();
    let withdrawals = header.withdrawals_root.map(|_| Vec::new());
    let block = SealedBlock::new(header, Vec::new(), Vec::new(), withdrawals);
    if block.hash != given.hash.0 {
        let text = format!(
            "computed hash {:x}, test has {:x}",
            block.hash, given.hash.0
        );
        return Err(Failure::Genesis(text));
    }
    let root = state.root();
    if root.0 != block.header.state_root.0 {
        let text = format!(
            "computed state root {root:x}, test has {:x}",
            block.header.state_root
        );
        return Err(Failure::Genesis(text));
    }
    if let Some(bytes) = &test.genesis_rlp {
        match SealedBlock::decode(&bytes.0) {
            Err(error) => return Err(Failure::Genesis(format!("genesisRLP: {error}"))),
            Ok(read) if read.hash != block.hash => {
                let text = format!(
                    "genesisRLP has hash {:x}, the header {:x}",
                    read.hash, block.hash
                );
                return Err(Failure::Genesis(text));
            }
            Ok(_) => {}
        }
    }
    Ok(block)
}

/// A block arrives: it must be taken, or refused for the reason that the file has.
fn insert<T: Tracer>(
    test: &BlockTest,
    index: usize,
    tree: &mut Tree,
    tracer: &mut T,
) -> Result<(), Failure> {
    let Some(given) = test.blocks.get(index) else {
        return Ok(());
    };
    let expected = given
        .expect_exception
        .as_deref()
        .filter(|text| !text.is_empty());
    let (outcome, refused, header) = match &given.form {
        Form::Bytes { rlp, header } => {
            let block = match &rlp.0 {
                Ok(bytes) => SealedBlock::decode(bytes),
                Err(text) => Err(BlockRejection::new(
                    Reason::Encoding,
                    format!("rlp: {text}"),
                )),
            };
            let refused = expected.is_some() || header.is_none();
            (block, refused, header.as_deref())
        }
        Form::Payload(call) => {
            let payload = &call.params.payload;
            let fork = tree.fork(payload.block_number.0, payload.timestamp.0);
            match (payload::block(call, fork), call.error_code) {
                (Err(Refusal::Call(error)), Some(code)) if error.code == code => return Ok(()),
                (Err(Refusal::Call(error)), _) => {
                    return Err(Failure::CallRefused {
                        block: index,
                        error,
                    });
                }
                (_, Some(code)) => return Err(Failure::CallNotRefused { block: index, code }),
                (Err(Refusal::Block(rejection)), None) => {
                    (Err(rejection), expected.is_some(), None)
                }
                (Ok(block), None) => (Ok(block), expected.is_some(), None),
            }
        }
    };
    let outcome = outcome.and_then(|block| tree.insert(&block, tracer).map(|()| block));
    match outcome {
        Err(rejection) if !refused => Err(Failure::Refused {
            block: index,
            rejection,
        }),
        Err(got) => match expected {
            Some(expected) if !got.answers(expected) => Err(Failure::WrongReason {
                block: index,
                got,
                expected: expected.into(),
            }),
            _ => Ok(()),
        },
        Ok(_) if refused => {
            let expected = expected.unwrap_or("the file has no header for it").into();
            Err(Failure::NotRefused {
                block: index,
                expected,
            })
        }
        Ok(block) => {
            let same = header.is_none_or(|header| {
                header.header() == block.header && header.hash.0 == block.hash
            });
            if same {
                Ok(())
            } else {
                Err(Failure::Header { block: index })
            }
        }
    }
}

/// Every account that the file has must be as it says; one that is not there counts as empty. That
/// there are no others is what the state root says.
fn check_post(post: &Ordered<Quantity<H160>, PreAccount>, state: &Prestate) -> Result<(), Failure> {
    for (Quantity(address), want) in &post.0 {
        let differs = |what: String| {
            Err(Failure::PostState {
                account: *address,
                what,
            })
        };
        let have = state.account(address);
        let balance = have.map_or(U256::zero(), |have| have.balance);
        if balance != want.balance.0 {
            return differs(format!("balance: want {}, have {balance}", want.balance.0));
        }
        let nonce = have.map_or(0, |have| have.nonce);
        if nonce != want.nonce.0 {
            return differs(format!("nonce: want {}, have {nonce}", want.nonce.0));
        }
        if have.map_or(&[][..], |have| have.code.as_slice()) != want.code.0 {
            return differs("code".into());
        }
        for (Quantity(key), Quantity(value)) in &want.storage.0 {
            let slot = have.and_then(|have| have.slot(key)).unwrap_or_default();
            if slot != *value {
                return differs(format!("slot {key:#x}: want {value:#x}, have {slot:#x}"));
            }
        }
    }
    Ok(())
}
