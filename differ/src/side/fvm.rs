//! The actors of this suite, or others, in the Filecoin VM.

use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use alloy_primitives::{Address, B256, U256, hex, keccak256};
use fevm_bundle::{Bundle, Source};
use fevm_machine::chain::SyntheticChain;
use fevm_machine::genesis::Genesis;
use fevm_machine::message::{DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::outcome::Failure;
use fevm_machine::steps::TracingActor;
use fevm_machine::steps::eip3155::{JsonLines, LineOptions};
use fevm_machine::{ApplyKind, BlockContext, MachineError, Network, StateTree, Store, Vm, amount};
use serde_json::Value;

use super::Running;
use crate::error::TraceError;
use crate::normal::Steps;
use crate::read::{Lines, Strictness};
use crate::state::{Account, Accounts};
use crate::subject::Subject;

/// Ethereum's limits mean nothing here: a message gets a block's gas.
const GAS: u64 = 10_000_000_000;

/// Actors below this ID are the network's own.
const FIRST_ID: u64 = 100;

fn cannot(error: impl core::fmt::Display) -> TraceError {
    TraceError::Source(error.to_string())
}

/// The EVM actor that reports steps, beside a bundle of the same source; see `scripts/build-actors`.
const TRACING_MODULE: &str = "evm-tracing.wasm";

/// The tracing actor of a bundle: that beside its file, or this suite's.
fn tracing_module(bundle: Option<&Path>) -> Result<Option<Vec<u8>>, TraceError> {
    let Some(path) = bundle.map(|path| path.with_file_name(TRACING_MODULE)) else {
        return Ok(None);
    };
    match std::fs::read(&path) {
        Ok(module) => Ok(Some(module)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(TraceError::Source(format!("{}: {error}", path.display()))),
    }
}

/// Runs a subject with the actors of a CAR file, or this suite's.
///
/// Steps come from the tracing actor beside the file, if there is one; else from this suite's, which must come
/// to the same result.
///
/// # Errors
/// The bundle cannot be used, or the subject is none of Filecoin.
pub fn run(bundle: Option<&Path>, subject: &Subject) -> Result<Running, TraceError> {
    let source = bundle.map_or(Source::Ours, |path| Source::File(path.to_owned()));
    let beside = tracing_module(bundle)?;
    let bundle = source.load().map_err(cannot)?;
    let test = Test(&subject.test);
    let call = test.call()?;
    let (vm, root) = test.chain(&bundle, &call).map_err(cannot)??;
    let block = test.block(root)?;
    let actor = match &beside {
        Some(module) => TracingActor::of(module, &bundle),
        None => fevm_bundle::evm_tracing().map_err(cannot)?,
    };
    let tracer = vm.step_tracer(&root, actor).map_err(cannot)?;
    let hint = match beside {
        Some(_) => "; evm-tracing.wasm beside the bundle is of other sources",
        None => "; the steps of another actor need its own evm-tracing.wasm beside the bundle",
    };

    let (reader, writer) = std::io::pipe().map_err(cannot)?;
    let (sender, end) = sync_channel(1);
    let work = move || {
        let options = LineOptions {
            memory: true,
            return_data: true,
            no_stack: false,
        };
        let lines = JsonLines::new(BufWriter::with_capacity(1 << 16, writer), options);
        let message = call.to_message();
        let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
        let told = tracer
            .trace(block, message, ApplyKind::Explicit, length, lines)
            .map_err(cannot)
            .and_then(|traced| {
                let same = traced.require_same_result();
                // The pipe is closed here, before the state is told. It may be closed at the other end already.
                let _ = traced.sink.finish();
                if let Some(Failure::NotIncluded(reason)) = &traced.outcome.failure {
                    return Err(TraceError::Source(format!(
                        "the message cannot be sent: {reason}"
                    )));
                }
                same.map_err(|unfaithful| TraceError::Source(format!("{unfaithful}{hint}")))?;
                accounts(&vm.state(&traced.state_root).map_err(cannot)?)
                    .map_err(cannot)
                    .map(Some)
            });
        let _ = sender.send(told);
    };
    std::thread::Builder::new()
        .name("fvm".into())
        .spawn(work)
        .map_err(cannot)?;
    let lines = Lines::new(
        std::io::BufReader::with_capacity(1 << 16, reader),
        Strictness::Loose,
    );
    Ok(Running {
        steps: Steps::new(Box::new(lines)),
        end: Some(end),
    })
}

/// A state test with one case.
struct Test<'a>(&'a Value);

impl Test<'_> {
    fn word(&self, part: &str, name: &str) -> Result<Option<U256>, TraceError> {
        match self.0.get(part).and_then(|part| part.get(name)) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => number(value)
                .map(Some)
                .ok_or_else(|| cannot(format!("{part}.{name} is {value}"))),
        }
    }

    fn number(&self, part: &str, name: &str) -> Result<u64, TraceError> {
        let word = self.word(part, name)?.unwrap_or_default();
        word.try_into()
            .map_err(|_| cannot(format!("{part}.{name} is beyond 64 bits")))
    }

    /// What the case chooses of a list of the transaction.
    fn choice(&self, name: &str, index: &str) -> Result<&Value, TraceError> {
        let post = self.0["post"]
            .as_object()
            .and_then(|post| post.values().next());
        let at = post.map_or(0, |cases| {
            cases[0]["indexes"][index].as_u64().unwrap_or_default()
        });
        let list = &self.0["transaction"][name];
        list.get(usize::try_from(at).unwrap_or(usize::MAX))
            .ok_or_else(|| cannot(format!("transaction.{name} has no number {at}")))
    }

    /// The transaction as a call of Filecoin.
    fn call(&self) -> Result<EthCall, TraceError> {
        let transaction = &self.0["transaction"];
        for (field, what) in [
            ("authorizationList", "set-code transactions"),
            ("blobVersionedHashes", "blob transactions"),
        ] {
            if transaction.get(field).is_some_and(|value| !value.is_null()) {
                return Err(cannot(format!("not expressible on Filecoin: {what}")));
            }
        }
        let subject = Subject {
            name: String::new(),
            fork: String::new(),
            test: self.0.clone(),
        };
        let from = subject
            .parties()
            .sender
            .ok_or_else(|| cannot("the transaction has no sender"))?;
        let to = match transaction.get("to").and_then(Value::as_str) {
            None | Some("" | "0x") => None,
            Some(text) => Some(
                text.parse::<Address>()
                    .map_err(|error| cannot(format!("transaction.to: {error}")))?,
            ),
        };
        let data = self.choice("data", "data")?.as_str().unwrap_or_default();
        let price = match self.word("transaction", "maxFeePerGas")? {
            Some(fee) => fee,
            None => self.word("transaction", "gasPrice")?.unwrap_or_default(),
        };
        let value = self.choice("value", "value")?;
        Ok(EthCall {
            from,
            to,
            input: hex::decode(data)
                .map_err(|error| cannot(format!("transaction.data: {error}")))?,
            value: number(value).ok_or_else(|| cannot(format!("transaction.value is {value}")))?,
            nonce: self.number("transaction", "nonce")?,
            gas_limit: GAS,
            max_fee_per_gas: price,
            max_priority_fee_per_gas: self
                .word("transaction", "maxPriorityFeePerGas")?
                .unwrap_or(price)
                .min(price),
        })
    }

    /// A chain with the state. The sender gets what a block's gas costs on top.
    fn chain(
        &self,
        bundle: &Bundle,
        call: &EthCall,
    ) -> Result<Result<(Vm, cid::Cid), TraceError>, MachineError> {
        let store = Store::memory();
        let genesis = Genesis::development("fevm-diff").write(bundle, &store)?;
        let mut tree = StateTree::open(store.clone(), &genesis.root)?;
        let Some(pre) = self.0["pre"].as_object() else {
            return Ok(Err(cannot("the state test has no \"pre\"")));
        };
        for (address, account) in pre {
            match self::account(account) {
                Ok(account) => match address.parse() {
                    Ok(address) => put(&mut tree, address, &account)?,
                    Err(error) => return Ok(Err(cannot(format!("pre: {address}: {error}")))),
                },
                Err(what) => return Ok(Err(cannot(format!("pre: {address}: {what}")))),
            }
        }
        let balance = tree.eth_balance(call.from)?;
        let fees = U256::from(GAS).saturating_mul(call.max_fee_per_gas);
        tree.set_balance(call.from, amount::from_u256(balance.saturating_add(fees)))?;
        let root = tree.flush()?;
        let chain_id = self.0["config"]["chainid"]
            .as_str()
            .and_then(|id| U256::from_str_radix(id.trim_start_matches("0x"), 16).ok());
        let network = Network {
            chain_id: chain_id.map_or(1, |id| id.saturating_to()),
            ..Network::default()
        };
        Ok(Ok((Vm::new(store, &network)?, root)))
    }

    fn block(&self, root: cid::Cid) -> Result<BlockContext, TraceError> {
        let epoch = i64::try_from(self.number("env", "currentNumber")?).map_err(cannot)?;
        let base_fee = amount::from_u256(self.word("env", "currentBaseFee")?.unwrap_or_default());
        let timestamp = self.number("env", "currentTimestamp")?;
        Ok(BlockContext::new(
            root,
            epoch,
            timestamp,
            base_fee,
            Arc::new(FixtureChain),
        ))
    }
}

/// Earlier blocks as state tests have them: the hash of block N is Keccak-256 of N's digits.
#[derive(Debug, Clone, Copy)]
struct FixtureChain;

impl fevm_machine::ChainView for FixtureChain {
    fn tipset_cid(&self, epoch: i64) -> anyhow::Result<cid::Cid> {
        let digest = keccak256(epoch.to_string());
        let hash = cid::multihash::Multihash::wrap(0xb220, digest.as_slice())?;
        Ok(cid::Cid::new_v1(0x71, hash))
    }

    fn beacon_randomness(&self, epoch: i64) -> anyhow::Result<[u8; 32]> {
        SyntheticChain.beacon_randomness(epoch)
    }

    fn ticket_randomness(&self, epoch: i64) -> anyhow::Result<[u8; 32]> {
        SyntheticChain.ticket_randomness(epoch)
    }
}

fn number(value: &Value) -> Option<U256> {
    match value {
        Value::Number(number) => number.as_u64().map(U256::from),
        Value::String(text) => match text.strip_prefix("0x") {
            Some("") => Some(U256::ZERO),
            Some(digits) => U256::from_str_radix(digits, 16).ok(),
            None => U256::from_str_radix(text, 10).ok(),
        },
        _ => None,
    }
}

fn account(value: &Value) -> Result<Account, String> {
    let of = |name: &str| match value.get(name) {
        None | Some(Value::Null) => Ok(U256::ZERO),
        Some(found) => number(found).ok_or_else(|| format!("{name} is {found}")),
    };
    let code = value
        .get("code")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut account = Account {
        balance: of("balance")?,
        nonce: of("nonce")?
            .try_into()
            .map_err(|_| "nonce beyond 64 bits".to_owned())?,
        code: hex::decode(code).map_err(|error| format!("code: {error}"))?,
        ..Account::default()
    };
    for (key, word) in value
        .get("storage")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let slot =
            number(&Value::String(key.clone())).or_else(|| U256::from_str_radix(key, 16).ok());
        let (Some(slot), Some(word)) = (slot, number(word)) else {
            return Err(format!("storage: {key}: {word}"));
        };
        account.storage.insert(B256::from(slot), B256::from(word));
    }
    Ok(account)
}

fn put(tree: &mut StateTree, address: Address, account: &Account) -> Result<(), MachineError> {
    tree.set_balance(address, amount::from_u256(account.balance))?;
    if !account.code.is_empty() {
        tree.set_code(address, &account.code)?;
        let slots: Vec<_> = account
            .storage
            .iter()
            .map(|(key, value)| ((*key).into(), (*value).into()))
            .collect();
        tree.set_storage(address, &slots)?;
    }
    if account.nonce > 0 {
        tree.set_nonce(address, account.nonce)?;
    }
    Ok(())
}

/// The accounts of a state as Ethereum's clients see them.
///
/// # Errors
/// The state is damaged.
pub fn accounts(tree: &StateTree) -> Result<Accounts, MachineError> {
    let mut actors = Vec::new();
    tree.for_each(|id, actor| {
        actors.push((id, actor.clone()));
        Ok(())
    })?;
    let mut accounts = Accounts::new();
    for (id, actor) in actors.into_iter().filter(|(id, _)| *id >= FIRST_ID) {
        let address = fevm_machine::address::of_actor(id, actor.delegated_address.as_ref());
        let mut account = Account {
            balance: amount::to_u256(&actor.balance).unwrap_or_default(),
            nonce: actor.sequence,
            ..Account::default()
        };
        if let Some(evm) = tree.evm_state(&actor)? {
            account.nonce = if evm.is_dead() { 0 } else { evm.nonce };
            account.code = evm.code(tree.store())?;
            let slots = evm.storage(tree.store())?.slots()?;
            account.storage = slots
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect();
        }
        if account != Account::default() {
            accounts.insert(address, account);
        }
    }
    Ok(accounts)
}
