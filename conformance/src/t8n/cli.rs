//! The command line of `t8n`.

use super::alloc::{Alloc, prestate};
use super::apply::apply;
use super::env::Env;
use super::error::{Error, Kind};
use super::observe::Observer;
use super::output::{self, Places};
use super::result::Outcome;
use super::transactions::{Given, body_bytes, of_body, sign_all};
use crate::chain::Network;
use crate::chain::block::encode_transactions;
use crate::fixture::{fork_name, parse};
use crate::runner::STACK_SIZE;
use crate::trace::TraceOptions;
use clap::{ArgAction, Args};
use evm_interpreter::Fork;
use serde::Deserialize;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Inputs that come from standard input.
const STDIN: &str = "stdin";

/// EIPs that can be added to a fork by name, with the fork that has them.
const EIPS: &[(u64, Fork)] = &[
    (1153, Fork::Cancun),
    (1344, Fork::Istanbul),
    (1884, Fork::Istanbul),
    (2200, Fork::Istanbul),
    (2929, Fork::Berlin),
    (3198, Fork::London),
    (3529, Fork::London),
    (3855, Fork::Shanghai),
    (3860, Fork::Shanghai),
    (5656, Fork::Cancun),
    (6780, Fork::Cancun),
    (7702, Fork::Prague),
    (7939, Fork::Osaka),
];

/// Apply a block's transactions to a state.
///
/// Takes a state (alloc), a block environment (env) and transactions (txs) from files or, all in
/// one JSON object, from standard input; gives the state afterwards, the result (roots, receipts,
/// rejected transactions) and the body. Files and JSON are those of go-ethereum's `evm t8n`.
///
/// Status: 2 the block cannot be, 3 fork or environment, 4 a block hash is missing, 10 JSON,
/// 11 files, 12 RLP.
#[derive(Args, Clone, Debug)]
#[command(after_help = FORKS)]
pub struct TransitionArgs {
    /// State: a file, or stdin.
    #[arg(
        long = "input.alloc",
        value_name = "FILE",
        default_value = "alloc.json"
    )]
    input_alloc: String,

    /// Block environment: a file, or stdin.
    #[arg(long = "input.env", value_name = "FILE", default_value = "env.json")]
    input_env: String,

    /// Transactions: a file, or stdin; *.rlp holds them as a body.
    #[arg(long = "input.txs", value_name = "FILE", default_value = "txs.json")]
    input_txs: String,

    /// Folder for the files that are written; made if it is not there.
    #[arg(
        long = "output.basedir",
        value_name = "FOLDER",
        default_value = "",
        hide_default_value = true
    )]
    output_basedir: String,

    /// State afterwards: a file, stdout or stderr.
    #[arg(
        long = "output.alloc",
        value_name = "FILE",
        default_value = "alloc.json"
    )]
    output_alloc: String,

    /// Result: a file, stdout or stderr.
    #[arg(
        long = "output.result",
        value_name = "FILE",
        default_value = "result.json"
    )]
    output_result: String,

    /// Transactions of the block as RLP: a file, stdout or stderr.
    #[arg(
        long = "output.body",
        value_name = "FILE",
        default_value = "",
        hide_default_value = true
    )]
    output_body: String,

    /// Rules; +EIP may follow for EIPs that the fork has.
    #[arg(
        long = "state.fork",
        value_name = "NAME[+EIP]",
        default_value = "GrayGlacier"
    )]
    fork: String,

    /// Chain id.
    #[arg(long = "state.chainid", value_name = "N", default_value_t = 1)]
    chain_id: u64,

    /// Reward of the block, wei; -1 for none, 0 only touches the coinbase.
    #[arg(
        long = "state.reward",
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    reward: i64,

    /// Write traces (EIP-3155) to trace-<index>-<hash>.jsonl.
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", default_value_t = false, action = ArgAction::Set)]
    trace: bool,

    /// Traces show memory.
    #[arg(long = "trace.memory", value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", default_value_t = false, action = ArgAction::Set)]
    trace_memory: bool,

    /// Traces leave the stack out.
    #[arg(long = "trace.nostack", value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", default_value_t = false, action = ArgAction::Set)]
    trace_no_stack: bool,

    /// Traces show return data.
    #[arg(long = "trace.returndata", value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", default_value_t = false, action = ArgAction::Set)]
    trace_return_data: bool,

    /// Not implemented: named only to be refused.
    #[arg(long = "trace.callframes", hide = true)]
    trace_call_frames: bool,

    /// Not implemented: named only to be refused.
    #[arg(long = "trace.tracer", value_name = "NAME", hide = true)]
    trace_tracer: Option<String>,

    /// Write how often each opcode was executed to a file.
    #[arg(
        long = "opcode.count",
        value_name = "FILE",
        default_value = "",
        hide_default_value = true
    )]
    opcode_count: String,
}

/// For tools that look here for what is supported.
const FORKS: &str = "\
Forks: Frontier, Homestead, EIP150, EIP158, Byzantium, Constantinople, ConstantinopleFix,
Istanbul, MuirGlacier, Berlin, London, ArrowGlacier, GrayGlacier, Merge, Paris, Shanghai,
Cancun, Prague, Osaka, BPO1, BPO2, BPO3, BPO4.
Transitions: <fork>To<fork>At<height>, ...AtTime<seconds>, ...AtDiff<hexadecimal>, such as
FrontierToHomesteadAt5, HomesteadToEIP150At5, HomesteadToDaoAt5, EIP150ToEIP158At5,
EIP158ToByzantiumAt5, ByzantiumToConstantinopleAt5, ByzantiumToConstantinopleFixAt5,
ConstantinopleFixToIstanbulAt5, IstanbulToBerlinAt5, BerlinToLondonAt5,
ArrowGlacierToParisAtDiffC0000, ParisToShanghaiAtTime15k, ShanghaiToCancunAtTime15k,
CancunToPragueAtTime15k, PragueToOsakaAtTime15k, OsakaToBPO1AtTime15k, BPO1ToBPO2AtTime15k,
BPO2ToBPO3AtTime15k, BPO3ToBPO4AtTime15k.";

/// All that standard input may have.
#[derive(Default, Deserialize)]
struct Input {
    alloc: Option<Alloc>,
    env: Option<Env>,
    txs: Option<Vec<Given>>,
    #[serde(rename = "txsRlp")]
    txs_rlp: Option<String>,
}

impl TransitionArgs {
    /// Runs what the arguments ask for.
    ///
    /// # Errors
    /// With the status that the process is to end with.
    pub fn execute(&self) -> Result<(), Error> {
        let thread = std::thread::Builder::new().stack_size(STACK_SIZE);
        std::thread::scope(|scope| {
            let thread = thread
                .spawn_scoped(scope, || self.run())
                .map_err(|error| Error::new(Kind::Io, error.to_string()))?;
            thread.join().unwrap_or_else(|panic| {
                let what = crate::runner::panic_text(panic.as_ref());
                Err(Error::new(Kind::Evm, format!("internal error: {what}")))
            })
        })
    }

    fn run(&self) -> Result<(), Error> {
        let folder = PathBuf::from(&self.output_basedir);
        output::create_folder(&folder)?;
        let mut input = self.stdin()?;
        let alloc: Alloc = match self.input_alloc.as_str() {
            STDIN => input.alloc.take().unwrap_or_default(),
            file => read_json(Path::new(file), "alloc")?,
        };
        let env: Env = match self.input_env.as_str() {
            STDIN => input
                .env
                .take()
                .ok_or_else(|| Error::new(Kind::Json, "failed unmarshalling stdin: no \"env\""))?,
            file => read_json(Path::new(file), "env")?,
        };
        let network = self.network()?;
        let transactions = self.transactions(&mut input)?;
        let env = env.complete(&network, self.chain_id)?;
        let mut observer = Observer::new(
            folder.clone(),
            self.trace_options()?,
            !self.opcode_count.is_empty(),
            env.block.fork,
        );
        let reward = u64::try_from(self.reward).ok();
        let (applied, state) = apply(&transactions, &env, prestate(alloc), reward, &mut observer)?;
        if let Some(counts) = observer.counts() {
            output::save_json(&folder, &self.opcode_count, &counts)?;
        }
        let outcome = Outcome::new(&applied, &env);
        let places = Places {
            folder: &folder,
            alloc: &self.output_alloc,
            result: &self.output_result,
            body: &self.output_body,
        };
        output::write(
            &places,
            &state,
            &outcome,
            &encode_transactions(&applied.included),
        )
    }

    fn stdin(&self) -> Result<Input, Error> {
        if [&self.input_alloc, &self.input_env, &self.input_txs]
            .iter()
            .all(|name| *name != STDIN)
        {
            return Ok(Input::default());
        }
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| Error::new(Kind::Io, format!("failed reading stdin: {error}")))?;
        parse(&bytes)
            .map_err(|error| Error::new(Kind::Json, format!("failed unmarshalling stdin: {error}")))
    }

    fn network(&self) -> Result<Network, Error> {
        let failed = |what: String| {
            Error::new(
                Kind::Config,
                format!("failed constructing chain configuration: {what}"),
            )
        };
        let mut parts = self.fork.split('+');
        let name = parts.next().unwrap_or_default();
        let network = Network::by_name(name, &[])
            .ok_or_else(|| failed(format!("unsupported fork \"{name}\"")))?;
        let latest = network
            .rules(u64::MAX, u64::MAX, evm_interpreter::U256::MAX)
            .fork;
        for eip in parts {
            let known = eip.parse().ok().and_then(|number: u64| {
                EIPS.iter()
                    .find(|(known, _)| *known == number)
                    .map(|(_, fork)| *fork)
            });
            match known {
                None => return Err(failed(format!("syntax error, invalid eip number {eip}"))),
                Some(since) if latest < since => {
                    let since = fork_name(since);
                    return Err(failed(format!(
                        "EIP-{eip} comes with {since} and cannot be added to {name}"
                    )));
                }
                Some(_) => {}
            }
        }
        Ok(network)
    }

    fn transactions(&self, input: &mut Input) -> Result<Vec<Vec<u8>>, Error> {
        let given: Vec<Given> = match self.input_txs.as_str() {
            STDIN => match &input.txs_rlp {
                Some(body) if !body.is_empty() => return of_body(&body_bytes(body)?),
                _ => input.txs.take().unwrap_or_default(),
            },
            file => {
                let path = Path::new(file);
                if path.extension().is_some_and(|extension| extension == "rlp") {
                    let bytes = read(path, "txs")?;
                    return of_body(&body_bytes(&String::from_utf8_lossy(&bytes))?);
                }
                read_json::<Option<_>>(path, "txs")?.unwrap_or_default()
            }
        };
        sign_all(&given, self.chain_id)
    }

    fn trace_options(&self) -> Result<Option<TraceOptions>, Error> {
        if let Some(name) = &self.trace_tracer {
            let text = format!("failed instantiating tracer: no tracer {name}; there is --trace");
            return Err(Error::new(Kind::Config, text));
        }
        if self.trace_call_frames {
            let text = "traces with call frames are not implemented";
            return Err(Error::new(Kind::Config, text));
        }
        Ok(self.trace.then_some(TraceOptions {
            memory: self.trace_memory,
            stack: !self.trace_no_stack,
            return_data: self.trace_return_data,
        }))
    }
}

/// Reads a file; the error has its `name` among the inputs.
pub(super) fn read(path: &Path, name: &str) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| {
        Error::new(
            Kind::Io,
            format!("failed reading {name} file: {}: {error}", path.display()),
        )
    })
}

/// Reads a JSON file; the error has its `name` among the inputs.
pub(super) fn read_json<T: for<'a> Deserialize<'a>>(path: &Path, name: &str) -> Result<T, Error> {
    parse(&read(path, name)?).map_err(|error| {
        let path = path.display();
        Error::new(
            Kind::Json,
            format!("failed unmarshalling {name} file: {path}: {error}"),
        )
    })
}
