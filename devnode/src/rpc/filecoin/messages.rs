//! Filecoin messages: sent by their own tools, found again by CID.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cid::Cid;
use data_encoding::BASE64;
use fevm_machine::address::mask_id;
use fvm_ipld_encoding::{DAG_CBOR, RawBytes, to_vec};
use fvm_shared::bigint::BigInt;
use fvm_shared::crypto::signature::{Signature, SignatureType};
use fvm_shared::econ::TokenAmount;
use fvm_shared::message::Message;
use fvm_shared::receipt::Receipt;
use multihash_codetable::{Code, MultihashDigest};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{cid_param, filecoin_address, link, parse_address, text};
use crate::Node;
use crate::chain::Block;
use crate::pool::Transaction;
use crate::rpc::eth::state_at;
use crate::rpc::request::BlockRef;
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// How long a message is waited for.
const WAIT: Duration = Duration::from_secs(60);
/// How often it is looked for.
const TICK: Duration = Duration::from_millis(20);

/// Type of the signature of a secp256k1 key.
const SECP256K1: u8 = 1;

/// A signed message as Filecoin's tools write it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SignedMessage {
    message: MessageFields,
    signature: SignatureFields,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MessageFields {
    #[serde(default)]
    version: u64,
    to: String,
    from: String,
    nonce: u64,
    #[serde(default)]
    value: String,
    gas_limit: u64,
    gas_fee_cap: String,
    gas_premium: String,
    #[serde(default)]
    method: u64,
    #[serde(default)]
    params: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SignatureFields {
    r#type: u8,
    data: String,
}

/// Takes a signed message in.
pub(super) fn push(node: &Arc<Node>, params: &Params) -> RpcResult {
    let signed: SignedMessage = params.required(0)?;
    let message = signed.message.read().map_err(|error| invalid(0, error))?;
    if signed.signature.r#type != SECP256K1 {
        return Err(invalid(
            0,
            "only messages signed by a secp256k1 key (type 1, f1 addresses) are taken here; send Ethereum transactions by eth_sendRawTransaction",
        ));
    }
    let bytes = BASE64
        .decode(signed.signature.data.as_bytes())
        .map_err(|error| invalid(0, format!("Signature.Data: {error}")))?;
    let signature = Signature {
        sig_type: SignatureType::Secp256k1,
        bytes,
    };
    let body = to_vec(&message).map_err(|error| invalid(0, error))?;
    let unsigned = Cid::new_v1(DAG_CBOR, Code::Blake2b256.digest(&body));
    signature
        .verify(&unsigned.to_bytes(), &message.from)
        .map_err(|error| RpcError::new(RpcError::LOTUS, format!("mpool push: {error}")))?;

    let state = state_at(node, BlockRef::Latest)?;
    let sender = state.lookup(&message.from)?.ok_or_else(|| {
        RpcError::new(
            RpcError::LOTUS,
            format!(
                "mpool push: sender {} does not exist: send it some FIL first",
                text(&message.from)
            ),
        )
    })?;
    let to = match state.lookup(&message.to)? {
        Some(id) => state.eth_address_of(id)?,
        None => fevm_machine::address::to_eth(&message.to).unwrap_or_default(),
    };
    let transaction = Transaction::native(
        message,
        &signature,
        mask_id(sender),
        to,
        node.config().chain_id,
    )
    .map_err(|error| invalid(0, error))?;
    let (cid, gas_limit) = (transaction.message_cid(), transaction.gas_limit());
    let cid = cid.map_err(|error| RpcError::internal(error.to_string()))?;
    let hash = node.admit(transaction)?;
    node.mine_sent(hash, gas_limit)?;
    Ok(link(&cid))
}

/// The nonce that a sender's next message must have.
pub(super) fn next_nonce(node: &Arc<Node>, params: &Params) -> RpcResult {
    let address = filecoin_address(params, 0)?;
    let state = state_at(node, BlockRef::Latest)?;
    let Some((id, actor)) = state.actor_at(&address)? else {
        return Err(super::not_found(&address));
    };
    let sender = state.eth_address_of(id)?;
    Ok(json!(node.pool().next_nonce(sender, actor.sequence)))
}

/// What came of a message; null if it is in no block.
pub(super) fn search(node: &Arc<Node>, params: &Params) -> RpcResult {
    look_up(node, wanted(params)?)
}

/// The same, as soon as it is in a block.
pub(super) fn wait(node: &Arc<Node>, params: &Params) -> RpcResult {
    let cid = wanted(params)?;
    let started = Instant::now();
    loop {
        let found = look_up(node, cid)?;
        if !found.is_null() {
            return Ok(found);
        }
        if started.elapsed() > WAIT {
            return Err(RpcError::new(
                RpcError::LOTUS,
                format!("message {cid} is in no block after {} s", WAIT.as_secs()),
            ));
        }
        std::thread::sleep(TICK);
    }
}

/// The CID of the message that an Ethereum transaction is.
pub(super) fn cid_of_transaction(node: &Arc<Node>, params: &Params) -> RpcResult {
    let found = crate::rpc::eth::transactions::find(node, params.hash(0)?)?;
    match found.map(|transaction| transaction.message_cid()) {
        Some(Ok(cid)) => Ok(link(&cid)),
        Some(Err(error)) => Err(RpcError::internal(error.to_string())),
        None => Ok(Value::Null),
    }
}

/// The Ethereum hash of a message.
pub(super) fn hash_of_message(node: &Arc<Node>, params: &Params) -> RpcResult {
    let cid = cid_param(params, 0)?;
    let found = find(node, cid)?;
    Ok(found.map_or(Value::Null, |(block, index)| {
        json!(
            block
                .transactions
                .get(index)
                .map(|included| included.transaction.hash)
        )
    }))
}

/// The CID among the parameters: newer versions of the method have a tipset before it.
fn wanted(params: &Params) -> RpcResult<Cid> {
    let is_link = |index: &usize| {
        params
            .raw(*index)
            .is_some_and(|value| value.get("/").is_some())
    };
    cid_param(params, (0..2).find(is_link).unwrap_or(0))
}

fn find(node: &Node, cid: Cid) -> RpcResult<Option<(Arc<Block>, usize)>> {
    let latest = node.latest().number;
    for number in (0..=latest).rev() {
        let Some(block) = node.chain().by_number(number)? else {
            continue;
        };
        let index = block.transactions.iter().position(|included| {
            included
                .transaction
                .message_cid()
                .is_ok_and(|found| found == cid)
        });
        if let Some(index) = index {
            return Ok(Some((block, index)));
        }
    }
    Ok(None)
}

fn look_up(node: &Node, cid: Cid) -> RpcResult {
    let Some((block, index)) = find(node, cid)? else {
        return Ok(Value::Null);
    };
    let store = node.executor().store();
    let broken = |error: String| RpcError::internal(error);
    let receipts = fvm_ipld_amt::Amtv0::<Receipt, _>::load(&block.receipts_root, store)
        .map_err(|error| broken(error.to_string()))?;
    let receipt = receipts
        .get(index as u64)
        .map_err(|error| broken(error.to_string()))?
        .ok_or_else(|| broken(format!("receipt {index} of block {}", block.number)))?;
    Ok(json!({
        "Message": link(&cid),
        "Receipt": {
            "ExitCode": receipt.exit_code.value(),
            "Return": BASE64.encode(receipt.return_data.bytes()),
            "GasUsed": receipt.gas_used,
            "EventsRoot": receipt.events_root.as_ref().map(link),
        },
        "ReturnDec": null,
        "TipSet": [link(&block.cid)],
        "Height": block.number,
    }))
}

impl MessageFields {
    fn read(&self) -> Result<Message, String> {
        let amount = |name: &str, text: &str| {
            let text = if text.is_empty() { "0" } else { text };
            text.parse::<BigInt>()
                .map(TokenAmount::from_atto)
                .map_err(|_| format!("Message.{name}: {text:?} is no number of attoFIL"))
        };
        let params = self.params.as_deref().unwrap_or_default();
        let params = BASE64
            .decode(params.as_bytes())
            .map_err(|error| format!("Message.Params: {error}"))?;
        Ok(Message {
            version: self.version,
            from: parse_address(&self.from)?,
            to: parse_address(&self.to)?,
            sequence: self.nonce,
            value: amount("Value", &self.value)?,
            method_num: self.method,
            params: RawBytes::new(params),
            gas_limit: self.gas_limit,
            gas_fee_cap: amount("GasFeeCap", &self.gas_fee_cap)?,
            gas_premium: amount("GasPremium", &self.gas_premium)?,
        })
    }
}
