//! Taking blocks off the chain and putting others in their place.

use std::sync::Arc;

use serde_json::Value;

use crate::Node;
use crate::rpc::catalogue::{Method, optional, required};
use crate::rpc::eth::sending;
use crate::rpc::request::CallRequest;
use crate::rpc::{Params, RpcResult, decode_hex, invalid, parse_number};

/// Most blocks that one call takes off.
const MOST_DEPTH: u64 = 10_000;

/// The methods of this module.
pub(super) const METHODS: &[Method] = &[
    Method::heavy(
        "anvil_rollback",
        &[optional("depth")],
        "Takes the newest blocks off the chain.",
        |node, params| {
            let depth = params.optional_u64(0)?.unwrap_or(1);
            check_depth(node, depth)?;
            node.rollback(depth)?;
            Ok(Value::Null)
        },
    ),
    Method::heavy(
        "anvil_reorg",
        &[required("depth"), optional("transactions by block")],
        "Takes the newest blocks off the chain and makes as many others, with the given transactions: pairs of a transaction and the index of its block.",
        reorganise,
    ),
];

enum Given {
    Raw(Vec<u8>),
    Request(Box<CallRequest>),
}

fn reorganise(node: &Arc<Node>, params: &Params) -> RpcResult {
    // Anvil's own client sends one object.
    let options = params.raw(0).filter(|value| value.is_object());
    let (depth, pairs) = match options {
        Some(options) => (options.get("depth"), options.get("txBlockPairs")),
        None => (params.raw(0), params.raw(1)),
    };
    let depth = parse_number(depth.unwrap_or(&Value::Null))
        .ok()
        .and_then(|depth| u64::try_from(depth).ok())
        .ok_or_else(|| invalid(0, "expected a number of blocks"))?;
    check_depth(node, depth)?;
    let mut given = Vec::new();
    for pair in pairs.and_then(Value::as_array).into_iter().flatten() {
        let (transaction, block) = read_pair(pair).map_err(|error| invalid(1, error))?;
        if block >= depth {
            return Err(invalid(
                1,
                format!("block index {block} exceeds chain reorg depth {depth}"),
            ));
        }
        given.push((transaction, block));
    }
    let last_timestamp = node.head().timestamp;
    node.rollback(depth)?;
    for index in 0..depth {
        for (transaction, _) in given.iter().filter(|(_, block)| *block == index) {
            match transaction {
                Given::Raw(bytes) => sending::admit_raw(node, bytes)?,
                Given::Request(request) => sending::admit_request(node, request)?,
            };
        }
        if index == 0 {
            // A later time than that of any block that was taken off, so that no hash comes again.
            let _ = node
                .settings()
                .clock
                .set_next(last_timestamp.saturating_add(1), node.head().timestamp);
        }
        node.mine()?;
    }
    Ok(Value::Null)
}

fn read_pair(pair: &Value) -> Result<(Given, u64), String> {
    let Some([transaction, block]) = pair.as_array().map(Vec::as_slice) else {
        return Err("expected pairs of a transaction and a block index".to_owned());
    };
    let block = parse_number(block)?;
    let block = u64::try_from(block).map_err(|_| "block index does not fit 64 bits".to_owned())?;
    let transaction = match transaction {
        Value::String(raw) => Given::Raw(decode_hex(raw)?),
        Value::Object(members) => Given::Request(Box::new(CallRequest::parse(members)?)),
        _ => return Err("expected a signed transaction or a transaction object".to_owned()),
    };
    Ok((transaction, block))
}

fn check_depth(node: &Node, depth: u64) -> RpcResult<()> {
    let head = node.head().number;
    if depth > head {
        return Err(invalid(
            0,
            format!("depth {depth} is above the head's number {head}"),
        ));
    }
    if depth > MOST_DEPTH {
        return Err(invalid(0, format!("depth {depth} is above {MOST_DEPTH}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pairs_hold_a_transaction_in_either_form() {
        assert!(matches!(
            read_pair(&json!(["0x02", 1])),
            Ok((Given::Raw(bytes), 1)) if bytes == [2]
        ));
        assert!(matches!(
            read_pair(&json!([{ "to": format!("0x{}", "11".repeat(20)) }, "0x2"])),
            Ok((Given::Request(_), 2))
        ));
        for bad in [json!([]), json!(["0x02"]), json!([1, 2]), json!(["02", 1])] {
            assert!(read_pair(&bad).is_err(), "{bad}");
        }
    }
}
