//! The command line of `b11r`: a block of its parts, as bytes.

use super::cli::read_json;
use super::env::GivenWithdrawal;
use super::error::{Error, Kind};
use super::number::{Number, hex, hex_bytes};
use super::output;
use super::transactions::{body_bytes, of_body};
use crate::chain::block::ommers_hash;
use crate::chain::convert::{alloy_address, alloy_word, b256};
use crate::chain::{Header, SealedBlock, Withdrawal};
use crate::fixture::{Quantity, parse};
use alloy_primitives::{B64, Bloom};
use clap::Args;
use evm_interpreter::{H160, H256, U256};
use serde::{Deserialize, Serialize};
use std::io::Read as _;
use std::path::Path;

/// Inputs that come from standard input.
const STDIN: &str = "stdin";

/// Build a block of its parts.
///
/// Takes a header, the transactions as RLP, ommers and withdrawals from files or, all in one JSON
/// object, from standard input; gives the block's RLP and hash. Files and JSON are those of
/// go-ethereum's `evm b11r`. Nothing is checked or sealed.
///
/// Status: 3 what is not implemented, 10 JSON, 11 files, 12 RLP.
#[derive(Args, Clone, Debug)]
pub struct BuildArgs {
    /// Header: a file, or stdin.
    #[arg(
        long = "input.header",
        value_name = "FILE",
        default_value = "header.json"
    )]
    input_header: String,

    /// Ommers, blocks as RLP: a file, or stdin.
    #[arg(
        long = "input.ommers",
        value_name = "FILE",
        default_value = "",
        hide_default_value = true
    )]
    input_ommers: String,

    /// Withdrawals: a file, or stdin.
    #[arg(
        long = "input.withdrawals",
        value_name = "FILE",
        default_value = "",
        hide_default_value = true
    )]
    input_withdrawals: String,

    /// Transactions as RLP: a file, or stdin.
    #[arg(long = "input.txs", value_name = "FILE", default_value = "txs.rlp")]
    input_txs: String,

    /// Folder for the file that is written; made if it is not there.
    #[arg(
        long = "output.basedir",
        value_name = "FOLDER",
        default_value = "",
        hide_default_value = true
    )]
    output_basedir: String,

    /// The block: a file, stdout or stderr.
    #[arg(
        long = "output.block",
        value_name = "FILE",
        default_value = "block.json"
    )]
    output_block: String,

    /// Not implemented: named only to be refused.
    #[arg(long = "seal.clique", hide = true)]
    seal_clique: Option<String>,
}

/// All that standard input may have.
#[derive(Default, Deserialize)]
struct Input {
    header: Option<GivenHeader>,
    ommers: Option<Vec<String>>,
    txs: Option<String>,
    withdrawals: Option<Vec<GivenWithdrawal>>,
}

/// A header as it is given.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GivenHeader {
    #[serde(default)]
    parent_hash: Quantity<H256>,
    sha3_uncles: Option<Quantity<H256>>,
    #[serde(default)]
    miner: Quantity<H160>,
    state_root: Quantity<H256>,
    transactions_root: Option<Quantity<H256>>,
    receipts_root: Option<Quantity<H256>>,
    logs_bloom: Option<Quantity<[u8; 256]>>,
    difficulty: Option<Number<U256>>,
    number: Number<u64>,
    gas_limit: Number<u64>,
    #[serde(default)]
    gas_used: Number<u64>,
    timestamp: Number<u64>,
    #[serde(default)]
    extra_data: Quantity<Vec<u8>>,
    #[serde(default)]
    mix_hash: Quantity<H256>,
    nonce: Option<Quantity<[u8; 8]>>,
    base_fee_per_gas: Option<Number<u64>>,
    withdrawals_root: Option<Quantity<H256>>,
    blob_gas_used: Option<Number<u64>>,
    excess_blob_gas: Option<Number<u64>>,
    parent_beacon_block_root: Option<Quantity<H256>>,
    requests_hash: Option<Quantity<H256>>,
}

#[derive(Serialize)]
struct Built {
    rlp: String,
    hash: String,
}

impl GivenHeader {
    fn header(&self, ommers: &[Header]) -> Header {
        let hash = |value: Option<Quantity<H256>>| value.map(|value| b256(value.0));
        let long = |value: Option<Number<u64>>| value.map(|value| value.0);
        let empty = Header::default();
        Header {
            parent_hash: b256(self.parent_hash.0),
            ommers_hash: hash(self.sha3_uncles).unwrap_or_else(|| ommers_hash(ommers)),
            beneficiary: alloy_address(self.miner.0),
            state_root: b256(self.state_root.0),
            transactions_root: hash(self.transactions_root).unwrap_or(empty.transactions_root),
            receipts_root: hash(self.receipts_root).unwrap_or(empty.receipts_root),
            logs_bloom: self
                .logs_bloom
                .map_or(Bloom::ZERO, |bloom| Bloom::new(bloom.0)),
            difficulty: alloy_word(self.difficulty.map_or(U256::zero(), |word| word.0)),
            number: self.number.0,
            gas_limit: self.gas_limit.0,
            gas_used: self.gas_used.0,
            timestamp: self.timestamp.0,
            extra_data: self.extra_data.0.clone().into(),
            mix_hash: b256(self.mix_hash.0),
            nonce: self.nonce.map_or(B64::ZERO, |nonce| B64::new(nonce.0)),
            base_fee_per_gas: long(self.base_fee_per_gas),
            withdrawals_root: hash(self.withdrawals_root),
            blob_gas_used: long(self.blob_gas_used),
            excess_blob_gas: long(self.excess_blob_gas),
            parent_beacon_block_root: hash(self.parent_beacon_block_root),
            requests_hash: hash(self.requests_hash),
            ..empty
        }
    }
}

impl BuildArgs {
    /// Runs what the arguments ask for.
    ///
    /// # Errors
    /// With the status that the process is to end with.
    pub fn execute(&self) -> Result<(), Error> {
        if self.seal_clique.is_some() {
            return Err(Error::new(
                Kind::Config,
                "sealing with clique is not implemented",
            ));
        }
        let mut input = self.stdin()?;
        let header: GivenHeader = match self.input_header.as_str() {
            STDIN => input.header.take().ok_or_else(|| {
                Error::new(Kind::Json, "failed unmarshalling stdin: no \"header\"")
            })?,
            file => read_json(Path::new(file), "header")?,
        };
        let ommers: Option<Vec<String>> = match self.input_ommers.as_str() {
            "" | STDIN => input.ommers.take(),
            file => read_json(Path::new(file), "ommers")?,
        };
        let withdrawals: Option<Vec<GivenWithdrawal>> = match self.input_withdrawals.as_str() {
            "" | STDIN => input.withdrawals.take(),
            file => read_json(Path::new(file), "withdrawals")?,
        };
        let transactions: Option<String> = match self.input_txs.as_str() {
            STDIN => input.txs.take(),
            file => Some(read_json(Path::new(file), "txs")?),
        };
        let transactions = match transactions.as_deref() {
            None | Some("") => Vec::new(),
            Some(body) => of_body(&body_bytes(body)?)?,
        };
        let ommers = ommers
            .iter()
            .flatten()
            .map(|text| ommer(text))
            .collect::<Result<Vec<_>, _>>()?;
        let header = header.header(&ommers);
        let withdrawals = withdrawals.map(|list| list.iter().map(Withdrawal::from).collect());
        self.write(&SealedBlock::new(header, transactions, ommers, withdrawals))
    }

    fn stdin(&self) -> Result<Input, Error> {
        let all = [
            &self.input_header,
            &self.input_ommers,
            &self.input_withdrawals,
            &self.input_txs,
        ];
        if all.iter().all(|name| *name != STDIN) {
            return Ok(Input::default());
        }
        let mut bytes = Vec::new();
        std::io::stdin()
            .read_to_end(&mut bytes)
            .map_err(|error| Error::new(Kind::Io, format!("failed reading stdin: {error}")))?;
        parse(&bytes)
            .map_err(|error| Error::new(Kind::Json, format!("failed unmarshalling stdin: {error}")))
    }

    fn write(&self, block: &SealedBlock) -> Result<(), Error> {
        let built = Built {
            rlp: hex_bytes(&block.encode()),
            hash: hex(block.hash),
        };
        match self.output_block.as_str() {
            "stdout" => output::print_json(&built, std::io::stdout()),
            "stderr" => output::print_json(&built, std::io::stderr()),
            file => {
                let folder = Path::new(&self.output_basedir);
                output::create_folder(folder)?;
                output::save_json(folder, file, &built)
            }
        }
    }
}

/// The header of an ommer that is given as a block.
fn ommer(text: &str) -> Result<Header, Error> {
    SealedBlock::decode(&body_bytes(text)?)
        .map(|block| block.header)
        .map_err(|error| {
            Error::new(
                Kind::Rlp,
                format!("unable to decode ommer from rlp data: {error}"),
            )
        })
}
