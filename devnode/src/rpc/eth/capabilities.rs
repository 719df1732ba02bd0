//! What the node is able to, for tools that choose among nodes.

use alloy_primitives::Address;
use serde_json::{Value, json};

use crate::Node;
use crate::rpc::catalogue::Method;
use crate::rpc::views::quantity;

/// The precompiles of Filecoin's EVM by their names in EIP-7910, then those that only Filecoin
/// has.
const PRECOMPILES: [(&str, &str); 22] = [
    ("ECREC", "0x0000000000000000000000000000000000000001"),
    ("SHA256", "0x0000000000000000000000000000000000000002"),
    ("RIPEMD160", "0x0000000000000000000000000000000000000003"),
    ("ID", "0x0000000000000000000000000000000000000004"),
    ("MODEXP", "0x0000000000000000000000000000000000000005"),
    ("BN254_ADD", "0x0000000000000000000000000000000000000006"),
    ("BN254_MUL", "0x0000000000000000000000000000000000000007"),
    (
        "BN254_PAIRING",
        "0x0000000000000000000000000000000000000008",
    ),
    ("BLAKE2F", "0x0000000000000000000000000000000000000009"),
    ("BLS12_G1ADD", "0x000000000000000000000000000000000000000b"),
    ("BLS12_G1MSM", "0x000000000000000000000000000000000000000c"),
    ("BLS12_G2ADD", "0x000000000000000000000000000000000000000d"),
    ("BLS12_G2MSM", "0x000000000000000000000000000000000000000e"),
    (
        "BLS12_PAIRING_CHECK",
        "0x000000000000000000000000000000000000000f",
    ),
    (
        "BLS12_MAP_FP_TO_G1",
        "0x0000000000000000000000000000000000000010",
    ),
    (
        "BLS12_MAP_FP2_TO_G2",
        "0x0000000000000000000000000000000000000011",
    ),
    ("P256VERIFY", "0x0000000000000000000000000000000000000100"),
    (
        "RESOLVE_ADDRESS",
        "0xfe00000000000000000000000000000000000001",
    ),
    (
        "LOOKUP_DELEGATED_ADDRESS",
        "0xfe00000000000000000000000000000000000002",
    ),
    ("CALL_ACTOR", "0xfe00000000000000000000000000000000000003"),
    (
        "CALL_ACTOR_BY_ID",
        "0xfe00000000000000000000000000000000000005",
    ),
    (
        "GET_RANDOMNESS",
        "0xfe00000000000000000000000000000000000006",
    ),
];

/// The methods of this module.
pub(crate) const METHODS: &[Method] = &[
    Method::light(
        "eth_config",
        &[],
        "Chain id and precompiles, in the form of EIP-7910. Filecoin has no blobs and no system contracts.",
        |node, _| Ok(configuration(node)),
    ),
    Method::light(
        "eth_capabilities",
        &[],
        "What is kept from which block on: everything from block 0, and no Merkle proofs.",
        |node, _| {
            let latest = node.latest();
            let kept = json!({ "disabled": false, "oldestBlock": "0x0" });
            Ok(json!({
                "head": { "number": quantity(latest.number), "hash": latest.hash },
                "state": kept,
                "tx": kept,
                "logs": kept,
                "receipts": kept,
                "blocks": kept,
                "stateproofs": { "disabled": true },
            }))
        },
    ),
];

/// Whether an address is one of a precompile with a function.
pub(super) fn is_precompile(address: Address) -> bool {
    let mut precompiles = PRECOMPILES
        .iter()
        .filter_map(|(_, text)| text.parse::<Address>().ok());
    precompiles.any(|precompile| precompile == address)
}

fn configuration(node: &Node) -> Value {
    let precompiles: serde_json::Map<String, Value> = PRECOMPILES
        .iter()
        .map(|(name, address)| ((*name).to_owned(), json!(address)))
        .collect();
    let chain = node.chain();
    let genesis = chain.genesis();
    json!({
        "current": {
            "activationTime": genesis.timestamp,
            "blobSchedule": { "baseFeeUpdateFraction": 0, "max": 0, "target": 0 },
            "chainId": quantity(node.config().chain_id),
            // The checksum of block 0 alone (EIP-6122), as there was no fork.
            "forkId": format!("{:#010x}", crc32(genesis.hash.as_slice())),
            "precompiles": precompiles,
            "systemContracts": {},
        },
        "next": null,
        "last": null,
    })
}

/// CRC-32 as in IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xedb8_8320;
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = sum & 1;
            sum >>= 1;
            if carry == 1 {
                sum ^= POLYNOMIAL;
            }
        }
    }
    !sum
}

#[cfg(test)]
mod tests {
    use super::crc32;

    #[test]
    fn the_checksum_of_the_standard() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }
}
