//! The size of a block.

use crate::builder::{Chain, STORE, parts};

/// Bytes of a block at most.
const MOST: usize = 8 << 20;

/// A block of so many bytes.
fn block(chain: &mut Chain, size: usize) -> fevm_conformance::chain::SealedBlock {
    let length = |transactions: &[Vec<u8>]| transactions.iter().map(Vec::len).sum::<usize>();
    let mut transactions = Vec::new();
    // 700,000 zeros cost 7 million at the floor price, and the nonces stay small.
    while length(&transactions) + 700_200 < size - 700_000 {
        transactions.push(big(chain, 700_000));
    }
    // The rest is what is missing, tried out.
    let nonce = chain.next_nonce();
    let mut rest = size - length(&transactions) - 1_500;
    loop {
        let mut all = transactions.clone();
        all.push(sign(chain, nonce, rest));
        let mut block = chain.build(parts(Vec::new()));
        block.header.transactions_root = fevm_conformance::chain::block::transactions_root(&all);
        block.transactions = all;
        let is = block.encode().len();
        if is == size {
            return block;
        }
        rest = rest + size - is;
    }
}

fn big(chain: &mut Chain, length: usize) -> Vec<u8> {
    let nonce = chain.next_nonce();
    chain.call(STORE, &[], 0);
    sign(chain, nonce, length)
}

fn sign(chain: &Chain, nonce: u64, length: usize) -> Vec<u8> {
    let mut transaction = chain.transaction(nonce, STORE, &vec![0; length], 0);
    transaction.gas_limit = 1 << 24;
    Chain::sign(&transaction)
}

#[test]
fn has_a_limit_from_osaka_on() {
    let mut chain = Chain::new("Osaka");
    let large = block(&mut chain, MOST + 1);
    chain.refuses(&large, "BlockException.RLP_BLOCK_LIMIT_EXCEEDED");
    // A byte less is refused for another reason: its gas is more than the block has.
    let mut chain = Chain::new("Osaka");
    let fits = block(&mut chain, MOST);
    let rejection = chain.refused(&fits);
    assert!(rejection.answers("GAS_ALLOWANCE_EXCEEDED"), "{rejection}");
    let mut chain = Chain::new("Prague");
    let large = block(&mut chain, MOST + 1);
    let rejection = chain.refused(&large);
    assert!(
        !rejection.answers("RLP_BLOCK_LIMIT_EXCEEDED"),
        "{rejection}"
    );
}
