//! `Filecoin.`: the chain as Filecoin's own tools see it.

use cid::Cid;
use fevm_machine::address;
use fvm_ipld_blockstore::Blockstore;
use fvm_shared::address::{Address, Network};
use serde_json::{Value, json};

use super::catalogue::{Method, optional, required};
use super::eth::state_at;
use super::request::BlockRef;
use super::{Params, RpcError, RpcResult, invalid};

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
        |node, _| {
            let head = node.head();
            Ok(
                json!({ "Cids": [link(&head.cid)], "Blocks": [header(&head)], "Height": head.number }),
            )
        },
    ),
    Method::heavy(
        "Filecoin.ChainReadObj",
        &[required("cid")],
        "A block of data by CID, base64.",
        |node, params| {
            let cid = cid_param(params, 0)?;
            match node.executor().store().get(&cid) {
                Ok(Some(bytes)) => Ok(json!(base64(&bytes))),
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
            let address = filecoin_address(params, 0)?;
            let state = state_at(node, BlockRef::Latest)?;
            let (_, actor) = state
                .actor_at(&address)?
                .ok_or_else(|| not_found(&address))?;
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

fn filecoin_address(params: &Params, index: usize) -> RpcResult<Address> {
    let text = params.text(index)?;
    // Both networks' prefixes name the same actors here.
    let parsed = Network::Testnet
        .parse_address(text)
        .or_else(|_| Network::Mainnet.parse_address(text));
    parsed.map_err(|error| invalid(index, format!("{text:?} is no Filecoin address: {error}")))
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
        "BeaconEntries": header.beacon_entries.iter().map(|entry| json!({ "Round": entry.round, "Data": base64(&entry.data) })).collect::<Vec<_>>(),
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

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .fold(0_u32, |group, byte| group << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = (group >> (18 - 6 * place)) & 0x3f;
            text.push(if place <= chunk.len() {
                char::from(ALPHABET[digit as usize])
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_as_in_rfc_4648() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in cases {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }
}
