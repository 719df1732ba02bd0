//! `fevm node`: the local chain.

pub(crate) mod config_file;

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args as ClapArgs;
use fevm_bundle::Source;
use fevm_devnode::config::{
    BLOCK_GAS_LIMIT, DEFAULT_CHAIN_ID, DEFAULT_MNEMONIC, Durability, FIL, GasUnit, LEAST_BLOCK_GAS,
    LOTUS_LOG_RANGE, MIN_BASE_FEE, Mining, NETWORK_VERSION, NodeConfig,
};
use fevm_devnode::{Node, Server};

/// FVM gas in a unit, if gas is scaled and no other is asked for.
const GAS_SCALE: &str = "444";
/// A larger unit would leave less than 10,000 of them in a block.
const MOST_GAS_SCALE: u64 = 1_000_000;
/// Milliseconds between blocks in Lotus mode.
const LOTUS_BLOCK_TIME: u64 = 1_000;

/// Start a local Filecoin chain that speaks Ethereum JSON-RPC.
///
/// The chain runs the real Filecoin VM with the real EVM actors, and puts every transaction into a
/// block before it answers. Point Hardhat, Foundry, Remix, ethers or viem at
/// http://127.0.0.1:8545 (HTTP and WebSocket, any path) with chain id 31415926.
///
/// What differs from Ethereum: gas is FVM gas, about 444 times Ethereum's, so let your tool
/// estimate it; the base fee follows Filecoin's rule and starts at 100 attoFIL, to which an idle
/// chain falls, so fees are the same on every run; transaction types 0 (legacy) and 2 (EIP-1559).
#[derive(Debug, ClapArgs)]
#[command(after_help = "Examples:
  fevm node                                  all defaults
  fevm node --port 0 --quiet                 a free port, nothing but the address
  fevm node --block-time 2                   a block every two seconds
  fevm node --data ./chain                   keep the chain; go on with it next time
  fevm node --state chain.car                the same in one file, written at the end
  fevm node --lotus                          what clients meet on Filecoin itself
  fevm node --gas-scale                      gas limits and estimates of Ethereum's size
  fevm node --artifacts out                  names of functions and errors in the log
  fevm node --bundle other-actors.car        the actors of another bundle
  fevm node --print-config > fevm.toml       write all settings to a file
  fevm node --config fevm.toml --port 9000   read them, with another port")]
pub(crate) struct Args {
    /// Read settings from a TOML file: each flag is a key, without its dashes.
    #[arg(short, long, value_name = "FILE", help_heading = "Configuration")]
    config: Option<PathBuf>,

    /// Print the configuration that results, as a file for --config, and end.
    #[arg(long, help_heading = "Configuration")]
    print_config: bool,

    /// Address to listen on; 0.0.0.0 lets other machines in.
    #[arg(long, default_value = "127.0.0.1", help_heading = "Server")]
    host: IpAddr,

    /// Port for HTTP and WebSocket; 0 takes a free one.
    #[arg(short, long, default_value_t = 8545, help_heading = "Server")]
    port: u16,

    /// EIP-155 chain id.
    #[arg(long, default_value_t = DEFAULT_CHAIN_ID, value_parser = clap::value_parser!(u64).range(1..=u64::MAX / 2 - 36), help_heading = "Chain")]
    chain_id: u64,

    /// Timestamp of block 0 in seconds since 1970 [default: now].
    #[arg(long, value_name = "SECONDS", help_heading = "Chain")]
    timestamp: Option<u64>,

    /// Show the chain as Filecoin's own nodes do: `latest` is the head's parent, a transaction has
    /// a receipt one block later, null rounds are errors, queries for logs are limited, a value
    /// above the balance is mined and fails. Makes a block every second unless told otherwise.
    #[arg(long, help_heading = "Chain")]
    lotus: bool,

    /// Give and take gas in units of N FVM gas (444 if N is left out), so that limits of Ethereum's
    /// size suffice; prices are per unit too, so fees stay what they are. Inside contracts gas
    /// stays FVM gas.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = GAS_SCALE, value_parser = gas_scale, help_heading = "Chain")]
    gas_scale: Option<GasUnit>,

    /// Refuse queries for logs of more than N blocks [default: no limit; 2880 with --lotus].
    #[arg(long, value_name = "N", help_heading = "Server")]
    log_range_limit: Option<u64>,

    /// Show names of contracts, functions and errors in the log, from the artifacts of Hardhat,
    /// Foundry or Truffle in DIR; may be given several times.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    artifacts: Vec<PathBuf>,

    /// Actors to run: `ours`, a CAR file, or `ours+FILE` for a CAR file with our EVM actors.
    #[arg(
        long,
        default_value = "ours",
        value_name = "BUNDLE",
        help_heading = "Chain"
    )]
    bundle: Source,

    /// Filecoin network version: gas prices and rules.
    #[arg(long, default_value_t = NETWORK_VERSION, value_parser = clap::value_parser!(u32).range(21..=29), help_heading = "Chain")]
    network_version: u32,

    /// Keep the chain in this folder: the next start with it goes on where this one ended, however that was.
    ///
    /// Without it the chain ends with the node.
    #[arg(long, value_name = "DIR", help_heading = "Storage")]
    data: Option<PathBuf>,

    /// With --data, when a transaction counts as kept and is acknowledged: immediate, eventual or none.
    ///
    /// immediate: its block is synced to disk, and survives a loss of power. eventual: its block is handed to the
    /// operating system, and survives the end of the node however it comes. none: written every second, so a killed
    /// node loses what came after.
    #[arg(
        long,
        default_value = "immediate",
        value_name = "WHEN",
        help_heading = "Storage"
    )]
    durability: Durability,

    /// Keep the states of the last BLOCKS blocks only; blocks, receipts and logs all stay [default: every state].
    #[arg(long, value_name = "BLOCKS", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Storage")]
    prune: Option<u64>,

    /// Begin a new chain with the content of a state file.
    #[arg(long, value_name = "FILE", help_heading = "Storage")]
    load_state: Option<PathBuf>,

    /// Write the chain to a state file at the end.
    #[arg(long, value_name = "FILE", help_heading = "Storage")]
    dump_state: Option<PathBuf>,

    /// Both: begin with the file if it is there, write it at the end.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["load_state", "dump_state"], help_heading = "Storage")]
    state: Option<PathBuf>,

    /// BIP-39 phrase of the accounts, at m/44'/60'/0'/0/i.
    #[arg(short, long, default_value = DEFAULT_MNEMONIC, value_name = "WORDS", help_heading = "Accounts")]
    mnemonic: String,

    /// Number of prefunded accounts.
    #[arg(short, long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(..=1_000), help_heading = "Accounts")]
    accounts: u32,

    /// Balance of each account in FIL.
    #[arg(long, default_value_t = 10_000, value_name = "FIL", value_parser = clap::value_parser!(u64).range(..=1_000_000_000), help_heading = "Accounts")]
    balance: u64,

    /// Make a block every SECONDS (fractions allowed) and not for each transaction.
    #[arg(short, long, value_name = "SECONDS", value_parser = block_time, conflicts_with = "no_mining", help_heading = "Blocks")]
    block_time: Option<u64>,

    /// Make blocks only on request (evm_mine, hardhat_mine, anvil_mine).
    #[arg(long, help_heading = "Blocks")]
    no_mining: bool,

    /// Gas limit of a block; the default is Filecoin's.
    #[arg(long, default_value_t = BLOCK_GAS_LIMIT, value_name = "GAS", value_parser = clap::value_parser!(u64).range(LEAST_BLOCK_GAS..=i64::MAX as u64), help_heading = "Blocks")]
    gas_limit: u64,

    /// Base fee of the first block in attoFIL per gas.
    #[arg(long, default_value_t = MIN_BASE_FEE, value_name = "ATTOFIL", value_parser = base_fee, help_heading = "Blocks")]
    base_fee: u128,

    /// Print the banner and the log as JSON, one object a line.
    #[arg(long, help_heading = "Output")]
    json: bool,

    /// Print no banner and no log, only where the node listens.
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,

    /// How much to log: error, warn, info, debug (each request), or a filter as `rpc=debug`.
    #[arg(
        long,
        default_value = "info",
        value_name = "LEVEL",
        help_heading = "Output"
    )]
    log: String,
}

pub(crate) fn execute(args: Args) -> anyhow::Result<ExitCode> {
    start_log(&args)?;
    // Each connection takes a file descriptor, and many systems begin with 1,024 of them. Where it cannot be had,
    // fewer clients are served at once.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let bundle = args.bundle.load()?;
    let config = config(&args);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the server's threads")?;
    runtime.block_on(async {
        let node = Node::start(config, &bundle)?;
        let server = Server::bind(Arc::clone(&node)).await?;
        print_banner(&args, &node, server.address())?;
        server.serve(stop_signal()).await.context("server")?;
        end(&args, &node)?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Writes what is to outlive the node.
fn end(args: &Args, node: &Node) -> anyhow::Result<()> {
    if let Some(file) = args.dump_state.as_ref().or(args.state.as_ref()) {
        let state = node
            .dump_state()
            .with_context(|| format!("--dump-state {}", file.display()))?;
        // The earlier file stays whole until this one is.
        let unfinished = file.with_added_extension("new");
        std::fs::write(&unfinished, state)
            .and_then(|()| std::fs::rename(&unfinished, file))
            .with_context(|| format!("--dump-state {}", file.display()))?;
    }
    Ok(node.close()?)
}

fn config(args: &Args) -> NodeConfig {
    NodeConfig {
        host: args.host,
        port: args.port,
        chain_id: args.chain_id,
        mnemonic: args.mnemonic.clone(),
        accounts: args.accounts,
        balance: u128::from(args.balance) * FIL,
        mining: match (args.block_time, args.no_mining) {
            (Some(milliseconds), _) => Mining::Interval(milliseconds),
            (None, true) => Mining::Manual,
            (None, false) if args.lotus => Mining::Interval(LOTUS_BLOCK_TIME),
            (None, false) => Mining::Automatic,
        },
        block_gas_limit: args.gas_limit,
        base_fee: args.base_fee,
        genesis_timestamp: args.timestamp,
        lotus: args.lotus,
        gas_unit: args.gas_scale.unwrap_or(GasUnit::FVM),
        log_range_limit: args
            .log_range_limit
            .or(args.lotus.then_some(LOTUS_LOG_RANGE)),
        artifacts: args.artifacts.clone(),
        network_version: args.network_version,
        data: args.data.clone(),
        durability: args.durability,
        prune: args.prune,
        // A file that is both need not be there at the first start.
        load_state: args
            .load_state
            .clone()
            .or_else(|| args.state.clone().filter(|file| file.exists())),
        ..NodeConfig::default()
    }
}

/// Seconds with up to three decimals, as milliseconds.
fn block_time(text: &str) -> Result<u64, String> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() || !digits(whole) || !digits(part) || part.len() > 3 {
        return Err("expected seconds, as 2 or 0.5".to_owned());
    }
    let milliseconds = format!("{whole}{part:0<3}")
        .parse::<u64>()
        .map_err(|error| error.to_string())?;
    match milliseconds {
        0 => Err("a block time of 0 is none: leave it out for a block per transaction".to_owned()),
        other => Ok(other),
    }
}

fn gas_scale(text: &str) -> Result<GasUnit, String> {
    text.parse()
        .ok()
        .filter(|unit| *unit <= MOST_GAS_SCALE)
        .and_then(GasUnit::new)
        .ok_or_else(|| format!("expected a whole number from 1 to {MOST_GAS_SCALE}"))
}

fn base_fee(text: &str) -> Result<u128, String> {
    let fee: u128 = text
        .parse()
        .map_err(|_| "expected a whole number of attoFIL".to_owned())?;
    if fee > u128::from(u64::MAX) {
        return Err(format!("above {} attoFIL per gas", u64::MAX));
    }
    Ok(fee)
}

fn start_log(args: &Args) -> anyhow::Result<()> {
    let level = if args.quiet { "error" } else { &args.log };
    let filter = tracing_subscriber::EnvFilter::try_new(level).with_context(|| {
        format!("--log {level}: expected error, warn, info, debug, trace or a filter")
    })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Fails only if a log was set up before, which nothing in this program does.
    let _ = if args.json {
        log.json().try_init()
    } else {
        log.with_target(false).try_init()
    };
    Ok(())
}

fn print_banner(args: &Args, node: &Node, address: SocketAddr) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    if args.json {
        writeln!(out, "{}", banner_json(node, address))?;
    } else if args.quiet {
        writeln!(out, "Listening on http://{address}")?;
    } else {
        write!(out, "{}", banner(node, address))?;
    }
    out.flush()
}

fn banner_json(node: &Node, address: SocketAddr) -> serde_json::Value {
    let accounts = node
        .accounts()
        .keys()
        .map(|(address, key)| serde_json::json!({ "address": address, "privateKey": key }));
    serde_json::json!({
        "url": format!("http://{address}"),
        "webSocket": format!("ws://{address}"),
        "chainId": node.config().chain_id,
        "baseFee": node.config().base_fee.to_string(),
        "lotus": node.config().lotus,
        "gasScale": node.config().gas_unit.fvm_gas(),
        "accounts": accounts.collect::<Vec<_>>(),
        "mnemonic": node.config().mnemonic,
    })
}

fn banner(node: &Node, address: SocketAddr) -> String {
    let config = node.config();
    let mut text = format!(
        "\nfevm {}, a local Filecoin chain\n\nAccounts, {} FIL each\n",
        env!("CARGO_PKG_VERSION"),
        config.balance / FIL
    );
    for (index, (address, _)) in node.accounts().keys().enumerate() {
        text += &format!("  ({index}) {address}\n");
    }
    text += "\nPrivate keys: for tests only, the whole world knows them\n";
    for (index, (_, key)) in node.accounts().keys().enumerate() {
        text += &format!("  ({index}) {key}\n");
    }
    let mining = match config.mining {
        Mining::Automatic => "one per transaction, at once".to_owned(),
        Mining::Interval(milliseconds) => format!("one every {} s", milliseconds as f64 / 1_000.0),
        Mining::Manual => "on request".to_owned(),
    };
    text += &format!(
        "\nMnemonic   {}\nChain id   {}\n",
        config.mnemonic, config.chain_id
    );
    text += &format!(
        "Base fee   {} attoFIL per gas\nBlocks     {mining}\n",
        config.base_fee
    );
    if config.lotus {
        text += "Mode       as Filecoin's own nodes: latest is the head's parent\n";
    }
    if !config.gas_unit.is_fvm() {
        text += &format!(
            "Gas        in units of {} FVM gas\n",
            config.gas_unit.fvm_gas()
        );
    }
    text += &format!("\nListening on http://{address} and ws://{address}\n\n");
    text
}

/// Done when the user or the system asks the program to end.
async fn stop_signal() {
    let interrupt = async {
        // Without the signal's handler the system's own ends the program.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gas_scale_is_a_whole_number() {
        assert_eq!(gas_scale(GAS_SCALE), Ok(GasUnit::new(444).unwrap()));
        for bad in ["", "0", "-1", "1.5", "1000001", "x"] {
            assert!(gas_scale(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn block_times_are_seconds_with_decimals() {
        assert_eq!(block_time("2"), Ok(2_000));
        assert_eq!(block_time("0.25"), Ok(250));
        for bad in ["", "0", "-1", "1e3", "1.2345", "soon", "."] {
            assert!(block_time(bad).is_err(), "{bad}");
        }
    }
}
