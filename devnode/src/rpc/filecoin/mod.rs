//! `Filecoin.`: the chain as Filecoin's own tools see it.

mod messages;
mod state;

use cid::Cid;
use data_encoding::BASE64;
use fevm_machine::{StateTree, address};
use fvm_ipld_blockstore::Blockstore;
use fvm_shared::ActorID;
use fvm_shared::address::{Address, Network};
use fvm_shared::state::ActorState;
use serde_json::{Value, json};

use super::catalogue::{Method, optional, required};
use super::eth::state_at;
use super::request::BlockRef;
use super::{Params, RpcError, RpcResult, invalid};
use crate::Node;

/// The methods of this module.
pub const METHODS: &[Method] = &[
    Method::light(
        "Filecoin.Version",
        &[],
        "Name and version of the node.",
        |_, _| {
            Ok(
                json!({ "Version": super::web3::client_version(), "APIVersion": 131_840, "BlockDelay": 30 }),
            )
        },
    ),
    Method::light(
        "Filecoin.StateNetworkName",
        &[],
        "The name of the network.",
        |_, _| Ok(json!("fevm")),
    ),
    Method::light(
        "Filecoin.StateNetworkVersion",
        &[optional("tipset")],
        "The network version.",
        |_, _| Ok(json!(fevm_machine::vm::NETWORK_VERSION)),
    ),
    Method::heavy(
        "Filecoin.ChainHead",
        &[],
        "The newest tipset.",
        |node, _| Ok(tipset(&node.head())),
    ),
    Method::heavy(
        "Filecoin.ChainReadObj",
        &[required("cid")],
        "A block of data by CID, base64.",
        |node, params| {
            let cid = cid_param(params, 0)?;
            match node.executor().store().get(&cid) {
                Ok(Some(bytes)) => Ok(json!(BASE64.encode(&bytes))),
                Ok(None) => Err(RpcError::new(1, format!("block {cid} not found"))),
                Err(error) => Err(RpcError::internal(error.to_string())),
            }
        },
    ),
    Method::heavy(
        "Filecoin.ChainHasObj",
        &[required("cid")],
        "Whether a block of data is there.",
        |node, params| {
            let cid = cid_param(params, 0)?;
            node.executor()
                .store()
                .has(&cid)
                .map(Value::Bool)
                .map_err(|error| RpcError::internal(error.to_string()))
        },
    ),
    Method::heavy(
        "Filecoin.StateGetActor",
        &[required("address"), optional("tipset")],
        "An actor's entry in the state.",
        |node, params| {
            let (_, actor, _) = actor_at(node, params)?;
            Ok(json!({
                "Code": link(&actor.code),
                "Head": link(&actor.state),
                "Nonce": actor.sequence,
                "Balance": actor.balance.atto().to_string(),
                "DelegatedAddress": actor.delegated_address.map(|address| text(&address)),
            }))
        },
    ),
    Method::heavy(
        "Filecoin.StateReadState",
        &[required("address"), optional("tipset")],
        "An actor's balance, code and decoded state; of a contract with its storage.",
        state::read_state,
    ),
    Method::heavy(
        "Filecoin.StateAccountKey",
        &[required("address"), optional("tipset")],
        "The key address of an account.",
        state::account_key,
    ),
    Method::heavy(
        "Filecoin.WalletBalance",
        &[required("address")],
        "The balance of an address in attoFIL, decimal.",
        |node, params| {
            let address = filecoin_address(params, 0)?;
            let actor = state_at(node, BlockRef::Latest)?.actor_at(&address)?;
            Ok(json!(actor.map_or_else(
                || "0".to_owned(),
                |(_, actor)| actor.balance.atto().to_string()
            )))
        },
    ),
    Method::heavy(
        "Filecoin.MpoolPush",
        &[required("signed message")],
        "Takes in a message signed by a secp256k1 key (f1); answers with its CID.",
        messages::push,
    ),
    Method::heavy(
        "Filecoin.MpoolGetNonce",
        &[required("address")],
        "The nonce that the next message of a sender must have.",
        messages::next_nonce,
    ),
    Method::heavy(
        "Filecoin.StateSearchMsg",
        &[
            required("tipset or CID"),
            optional("CID"),
            optional("epochs"),
            optional("replaced"),
        ],
        "The receipt and the tipset of a message, null if it is in none.",
        messages::search,
    ),
    Method::heavy(
        "Filecoin.StateWaitMsg",
        &[
            required("CID"),
            optional("confidence"),
            optional("epochs"),
            optional("replaced"),
        ],
        "The same, as soon as the message is in a block.",
        messages::wait,
    ),
    Method::heavy(
        "Filecoin.EthGetMessageCidByTransactionHash",
        &[required("hash")],
        "The CID of the message that a transaction is.",
        messages::cid_of_transaction,
    ),
    Method::heavy(
        "Filecoin.EthGetTransactionHashByCid",
        &[required("CID")],
        "The Ethereum hash of a message in the chain.",
        messages::hash_of_message,
    ),
    Method::heavy(
        "Filecoin.ChainGetTipSetByHeight",
        &[required("epoch"), optional("tipset")],
        "The tipset of an epoch; of a null round, the one before.",
        |node, params| {
            let number = params.u64(0)?;
            if number > node.latest().number {
                let error = "looking for tipset with height greater than start point";
                return Err(RpcError::new(RpcError::LOTUS, error));
            }
            let block = node.chain().at_or_below(number)?;
            Ok(block.map_or(Value::Null, |block| tipset(&block)))
        },
    ),
    Method::light(
        "Filecoin.ChainGetGenesis",
        &[],
        "The first tipset.",
        |node, _| Ok(tipset(node.chain().genesis())),
    ),
    Method::heavy(
        "Filecoin.StateLookupID",
        &[required("address"), optional("tipset")],
        "The ID address of an actor.",
        |node, params| {
            let address = filecoin_address(params, 0)?;
            let id = state_at(node, BlockRef::Latest)?
                .lookup(&address)?
                .ok_or_else(|| not_found(&address))?;
            Ok(json!(text(&Address::new_id(id))))
        },
    ),
    Method::heavy(
        "Filecoin.EthAddressToFilecoinAddress",
        &[required("address")],
        "The Filecoin address of an Ethereum address.",
        |_, params| Ok(json!(text(&address::from_eth(params.address(0)?)))),
    ),
    Method::heavy(
        "Filecoin.FilecoinAddressToEthAddress",
        &[required("address"), optional("block")],
        "The Ethereum address of a Filecoin address.",
        |node, params| {
            let address = filecoin_address(params, 0)?;
            if let Some(eth) = address::to_eth(&address) {
                return Ok(json!(format!("{eth:#x}")));
            }
            let state = state_at(node, BlockRef::from_param(params, 1, BlockRef::Latest)?)?;
            let id = state.lookup(&address)?.ok_or_else(|| not_found(&address))?;
            Ok(json!(format!("{:#x}", state.eth_address_of(id)?)))
        },
    ),
];

/// An address as development networks print it.
pub(crate) fn text(address: &Address) -> String {
    // The library prints with the prefix of the whole process.
    let text = address.to_string();
    text.get(1..)
        .map_or_else(|| text.clone(), |rest| format!("t{rest}"))
}

pub(crate) fn filecoin_address(params: &Params, index: usize) -> RpcResult<Address> {
    parse_address(params.text(index)?).map_err(|error| invalid(index, error))
}

/// Both networks' prefixes name the same actors here.
fn parse_address(text: &str) -> Result<Address, String> {
    Network::Testnet
        .parse_address(text)
        .or_else(|_| Network::Mainnet.parse_address(text))
        .map_err(|error| format!("{text:?} is no Filecoin address: {error}"))
}

/// The actor that the first parameter names, in the newest state.
fn actor_at(node: &Node, params: &Params) -> RpcResult<(ActorID, ActorState, StateTree)> {
    let address = filecoin_address(params, 0)?;
    let state = state_at(node, BlockRef::Latest)?;
    let (id, actor) = state
        .actor_at(&address)?
        .ok_or_else(|| not_found(&address))?;
    Ok((id, actor, state))
}

fn tipset(block: &crate::chain::Block) -> Value {
    json!({ "Cids": [link(&block.cid)], "Blocks": [header(block)], "Height": block.number })
}

fn cid_param(params: &Params, index: usize) -> RpcResult<Cid> {
    let value = params.required_raw(index)?;
    let text = value
        .get("/")
        .unwrap_or(value)
        .as_str()
        .ok_or_else(|| invalid(index, "expected a CID"))?;
    Cid::try_from(text).map_err(|error| invalid(index, format!("{text:?} is no CID: {error}")))
}

fn link(cid: &Cid) -> Value {
    json!({ "/": cid.to_string() })
}

fn not_found(address: &Address) -> RpcError {
    RpcError::new(11, format!("actor not found: {}", text(address)))
}

fn header(block: &crate::chain::Block) -> Value {
    let header = &block.header;
    json!({
        "Miner": text(&header.miner),
        "Ticket": null,
        "ElectionProof": null,
        "BeaconEntries": header.beacon_entries.iter().map(|entry| json!({ "Round": entry.round, "Data": BASE64.encode(&entry.data) })).collect::<Vec<_>>(),
        "WinPoStProof": [],
        "Parents": header.parents.iter().map(link).collect::<Vec<_>>(),
        "ParentWeight": header.parent_weight.to_string(),
        "Height": header.height,
        "ParentStateRoot": link(&header.parent_state_root),
        "ParentMessageReceipts": link(&header.parent_message_receipts),
        "Messages": link(&header.messages),
        "BLSAggregate": null,
        "Timestamp": header.timestamp,
        "BlockSig": null,
        "ForkSignaling": header.fork_signaling,
        "ParentBaseFee": header.parent_base_fee.atto().to_string(),
    })
}
