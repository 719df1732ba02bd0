//! Sending and signing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use alloy_consensus::transaction::RlpEcdsaEncodableTx;
use alloy_consensus::{
    SignableTransaction, Transaction as _, TxEip1559, TxEnvelope, TxLegacy, TypedTransaction,
};
use alloy_dyn_abi::TypedData;
use alloy_eips::eip2718::Encodable2718;
use alloy_primitives::{
    Address, B256, Bytes, Signature, TxKind, U256, eip191_hash_message, keccak256,
};
use serde_json::{Value, json};

use super::execution::{Scene, estimate};
use super::fees::SUGGESTED_PREMIUM;
use crate::Node;
use crate::node::AdmissionError;
use crate::pool::Transaction;
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::request::{BlockRef, CallRequest};
use crate::rpc::views::{self, to_json};
use crate::rpc::{Params, RpcError, RpcResult, invalid};

/// How long a receipt is waited for, unless the client says otherwise.
const RECEIPT_TIME: Duration = Duration::from_secs(20);
/// The longest that a client may ask to wait.
const MOST_RECEIPT_TIME: Duration = Duration::from_secs(60);
/// How often it is looked for.
const RECEIPT_TICK: Duration = Duration::from_millis(20);
/// The code for a receipt that did not come in time.
const SYNC_TIMEOUT: i64 = 4;

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::heavy(
        "eth_sendRawTransaction",
        &[required("signed transaction")],
        "Takes a signed transaction in; with automatic mining it is in a block when the answer comes.",
        |node, params| Ok(json!(send_raw(node, params)?)),
    ),
    Method::heavy(
        "eth_sendRawTransactionSync",
        &[
            required("signed transaction"),
            optional("milliseconds to wait"),
        ],
        "Takes a signed transaction in and answers with its receipt.",
        |node, params| {
            let time = params.optional_u64(1)?;
            let hash = send_raw(node, params)?;
            receipt_of(node, hash, time)
        },
    ),
    Method::heavy(
        "eth_sendTransaction",
        &[required("transaction")],
        "Signs with a key that the node holds, or as an impersonated sender, and sends. What is left out is filled in.",
        |node, params| Ok(json!(send(node, &CallRequest::from_param(params, 0)?)?)),
    ),
    Method::heavy(
        "eth_sendTransactionSync",
        &[required("transaction")],
        "As eth_sendTransaction, and answers with the receipt.",
        |node, params| {
            let hash = send(node, &CallRequest::from_param(params, 0)?)?;
            receipt_of(node, hash, None)
        },
    ),
    Method::heavy(
        "eth_resend",
        &[
            required("transaction"),
            optional("gas price"),
            optional("gas limit"),
        ],
        "Replaces a waiting transaction, which is described with its sender and nonce, by the same at another price or with another gas limit.",
        |node, params| Ok(json!(resend(node, params)?)),
    ),
    Method::heavy(
        "eth_signTransaction",
        &[required("transaction")],
        "Signs a transaction with a key that the node holds and does not send it.",
        |node, params| {
            let request = CallRequest::from_param(params, 0)?;
            let from = sender(&request)?;
            let filled = fill(node, &request, from)?;
            signed(node, from, filled)
        },
    ),
    Method::heavy(
        "eth_fillTransaction",
        &[required("transaction")],
        "Fills in what a transaction lacks and does not sign it: as an object, and in RLP with an empty signature.",
        |node, params| {
            let request = CallRequest::from_param(params, 0)?;
            let filled = fill(node, &request, request.from.unwrap_or_default())?;
            unsigned(&filled)
        },
    ),
    Method::light(
        "eth_sign",
        &[required("address"), required("message")],
        "Signs a message (EIP-191) with a key that the node holds.",
        |node, params| {
            sign(
                node,
                params.address(0)?,
                eip191_hash_message(params.bytes(1)?),
            )
        },
    ),
    Method::light(
        "personal_sign",
        &[
            required("message"),
            required("address"),
            optional("password"),
        ],
        "As eth_sign, with the parameters the other way round.",
        |node, params| {
            sign(
                node,
                params.address(1)?,
                eip191_hash_message(params.bytes(0)?),
            )
        },
    ),
    Method::light(
        "eth_signTypedData_v4",
        &[required("address"), required("typed data")],
        "Signs structured data (EIP-712) with a key that the node holds.",
        sign_typed_data,
    )
    .also(&["eth_signTypedData", "eth_signTypedData_v3"]),
];

impl From<AdmissionError> for RpcError {
    fn from(error: AdmissionError) -> Self {
        match error {
            AdmissionError::Machine(error) => error.into(),
            other => Self::server(other.to_string()),
        }
    }
}

fn send_raw(node: &Arc<Node>, params: &Params) -> RpcResult<B256> {
    let (hash, gas_limit) = admit_raw(node, &params.bytes(0)?)?;
    node.mine_sent(hash, gas_limit)?;
    Ok(hash)
}

fn send(node: &Arc<Node>, request: &CallRequest) -> RpcResult<B256> {
    let (hash, gas_limit) = admit_request(node, request)?;
    node.mine_sent(hash, gas_limit)?;
    Ok(hash)
}

fn resend(node: &Arc<Node>, params: &Params) -> RpcResult<B256> {
    let described = CallRequest::from_param(params, 0)?;
    let from = sender(&described)?;
    let nonce = described
        .nonce
        .ok_or_else(|| RpcError::params("missing transaction nonce in transaction spec"))?;
    let waiting = node
        .pool()
        .of_sender(from)
        .find(|waiting| waiting.nonce() == nonce && described.describes(&waiting.envelope))
        .cloned()
        .ok_or_else(|| {
            RpcError::server(format!(
                "transaction not found: none like that waits from {from} with nonce {nonce}"
            ))
        })?;
    let price = params.optional_u128(1)?.filter(|price| *price != 0);
    let gas = params.optional_u64(2)?.filter(|gas| *gas != 0);
    send(
        node,
        &CallRequest::repeating(from, &waiting.envelope, price, gas),
    )
}

/// Takes a signed transaction into the pool; gives its hash and its gas limit.
pub(crate) fn admit_raw(node: &Arc<Node>, bytes: &[u8]) -> RpcResult<(B256, u64)> {
    let transaction = Transaction::decode(bytes, node.config().chain_id)
        .map_err(|error| RpcError::server(error.to_string()))?
        .in_units(node.config().gas_unit);
    let gas_limit = transaction.envelope.gas_limit();
    Ok((node.admit(transaction)?, gas_limit))
}

/// Signs a transaction, or impersonates its sender, and takes it into the pool.
pub(crate) fn admit_request(node: &Arc<Node>, request: &CallRequest) -> RpcResult<(B256, u64)> {
    let from = sender(request)?;
    let known = node.accounts().contains(from);
    if !known && !node.settings().is_impersonated(from) {
        return Err(RpcError::server(format!(
            "unknown account {from}: the node does not hold its key, and it is not impersonated"
        )));
    }
    // The estimate takes long; the nonce is chosen after it.
    let gas = match request.gas {
        Some(gas) => gas,
        None => estimate(node, &Scene::at(node, BlockRef::Pending)?, request)?,
    };
    let request = CallRequest {
        gas: Some(gas),
        ..request.clone()
    };
    let _order = node.sending();
    let filled = fill(node, &request, from)?;
    let transaction = if known {
        let envelope = node.accounts().sign_transaction(from, filled);
        let envelope = envelope.ok_or_else(|| RpcError::internal("signing failed"))?;
        decode_own(node, &envelope)?
    } else {
        Transaction::impersonated(from, filled).in_units(node.config().gas_unit)
    };
    Ok((node.admit(transaction)?, gas))
}

/// Checks what the node has signed as it checks what others have.
fn decode_own(node: &Node, envelope: &TxEnvelope) -> RpcResult<Transaction> {
    let transaction =
        fevm_machine::transaction::EthTransaction::new(envelope.clone(), node.config().chain_id);
    transaction
        .map(|transaction| Transaction::from(transaction).in_units(node.config().gas_unit))
        .map_err(|error| RpcError::server(error.to_string()))
}

fn sender(request: &CallRequest) -> RpcResult<Address> {
    request
        .from
        .ok_or_else(|| RpcError::params("invalid argument 0: field \"from\" is missing"))
}

/// The transaction with all that the request leaves out.
fn fill(node: &Arc<Node>, request: &CallRequest, from: Address) -> RpcResult<TypedTransaction> {
    let chain_id = node.config().chain_id;
    if let Some(wanted) = request.chain_id
        && wanted != chain_id
    {
        return Err(RpcError::params(format!(
            "chainId does not match node's (have={wanted}, want={chain_id})"
        )));
    }
    if request.access_list {
        return Err(RpcError::params(
            "transactions on Filecoin have no access lists (EIP-2930): leave out \"accessList\", which would change no gas",
        ));
    }
    let gas_limit = match request.gas {
        Some(gas) => gas,
        None => estimate(node, &Scene::at(node, BlockRef::Pending)?, request)?,
    };
    let nonce = match request.nonce {
        Some(nonce) => nonce,
        None => node.next_nonce(from)?,
    };
    let to = request.to.map_or(TxKind::Create, TxKind::Call);
    let unit = node.config().gas_unit;
    let base_fee = unit.show_price(node.draft().base_fee);
    let suggested = unit.show_price(SUGGESTED_PREMIUM);
    let (value, input) = (request.value, request.input.clone());
    let legacy = match request.kind {
        None => request.gas_price.is_some(),
        Some(0) => true,
        Some(2) => false,
        Some(kind) => {
            return Err(RpcError::params(format!(
                "transaction type {kind} is not supported on Filecoin: it takes types 0 (legacy) and 2 (EIP-1559)"
            )));
        }
    };
    if legacy {
        let gas_price = request
            .gas_price
            .unwrap_or(base_fee.saturating_add(suggested));
        return Ok(TxLegacy {
            chain_id: Some(chain_id),
            nonce,
            gas_price,
            gas_limit,
            to,
            value,
            input,
        }
        .into());
    }
    let premium = request.max_priority_fee_per_gas.or(request.gas_price);
    let premium =
        premium.unwrap_or_else(|| suggested.min(request.max_fee_per_gas.unwrap_or(u128::MAX)));
    let fee_cap = request.max_fee_per_gas.or(request.gas_price);
    Ok(TxEip1559 {
        chain_id,
        nonce,
        gas_limit,
        max_fee_per_gas: fee_cap
            .unwrap_or_else(|| base_fee.saturating_mul(2).saturating_add(premium)),
        max_priority_fee_per_gas: premium,
        to,
        value,
        access_list: Default::default(),
        input,
    }
    .into())
}

/// A transaction with the empty signature that go-ethereum gives it: v, r and s are zero, for a legacy transaction too.
fn unsigned(transaction: &TypedTransaction) -> RpcResult {
    let signature = Signature::new(U256::ZERO, U256::ZERO, false);
    let mut raw = Vec::new();
    if let TypedTransaction::Legacy(legacy) = transaction {
        let mut fields = Vec::new();
        legacy.rlp_encode_fields(&mut fields);
        fields.extend([alloy_rlp::EMPTY_STRING_CODE; 3]);
        alloy_rlp::Header {
            list: true,
            payload_length: fields.len(),
        }
        .encode(&mut raw);
        raw.extend(fields);
    } else {
        let envelope: TxEnvelope = transaction.clone().into_signed(signature).into();
        envelope.encode_2718(&mut raw);
    }
    let mut shown = to_json(transaction)?;
    for name in ["v", "r", "s"] {
        shown[name] = json!("0x0");
    }
    if !matches!(transaction, TypedTransaction::Legacy(_)) {
        shown["yParity"] = json!("0x0");
        // As the execution APIs have it before there is a block.
        shown["gasPrice"] = shown["maxFeePerGas"].clone();
    }
    shown["hash"] = json!(keccak256(&raw));
    Ok(json!({ "raw": Bytes::from(raw), "tx": shown }))
}

fn signed(node: &Node, from: Address, transaction: TypedTransaction) -> RpcResult {
    let envelope = node
        .accounts()
        .sign_transaction(from, transaction)
        .ok_or_else(|| unknown_key(from))?;
    let transaction = decode_own(node, &envelope)?;
    Ok(
        json!({ "raw": transaction.raw(), "tx": to_json(views::waiting_transaction(&transaction))? }),
    )
}

/// The receipt of a transaction that was sent just now, as soon as there is one.
fn receipt_of(node: &Node, hash: B256, milliseconds: Option<u64>) -> RpcResult {
    let limit = milliseconds.map_or(RECEIPT_TIME, Duration::from_millis);
    let limit = limit.min(MOST_RECEIPT_TIME);
    let started = Instant::now();
    loop {
        let receipt = node
            .mined(hash)?
            .and_then(|(block, index)| views::receipt(&block, index, node.style()));
        if let Some(receipt) = receipt {
            return Ok(receipt);
        }
        if started.elapsed() >= limit {
            let error = format!(
                "The transaction was added to the transaction pool but wasn't processed in {}ms",
                limit.as_millis()
            );
            return Err(RpcError::new(SYNC_TIMEOUT, error).with_data(json!(hash)));
        }
        std::thread::sleep(RECEIPT_TICK);
    }
}

fn sign(node: &Node, address: Address, digest: B256) -> RpcResult {
    let signature = node
        .accounts()
        .sign_hash(address, digest)
        .ok_or_else(|| unknown_key(address))?;
    Ok(Value::String(alloy_primitives::hex::encode_prefixed(
        signature.as_bytes(),
    )))
}

fn unknown_key(address: Address) -> RpcError {
    RpcError::server(format!(
        "unknown account {address}: the node does not hold its key"
    ))
}

fn sign_typed_data(node: &Arc<Node>, params: &Params) -> RpcResult {
    let address = params.address(0)?;
    // Some clients send the structure as text.
    let data: TypedData = match params.required_raw(1)? {
        Value::String(text) => serde_json::from_str(text).map_err(|error| invalid(1, error))?,
        value => serde_json::from_value(value.clone()).map_err(|error| invalid(1, error))?,
    };
    let digest = data
        .eip712_signing_hash()
        .map_err(|error| invalid(1, error))?;
    sign(node, address, digest)
}
