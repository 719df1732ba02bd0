//! P256VERIFY.

use crate::world::*;
use evm_interpreter::Fork;

const ADDRESS: u16 = 0x100;

/// The first vector of the EIP's list (Wycheproof, ecdsa_secp256r1_sha256, test case 1).
const VALID: &str = "bb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca6050232ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e184cd60b855d442f5b3c7b11eb6c4e0ae7525fe710fab9aa7c77a67f79e6fadd762927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e";

fn valid() -> Vec<u8> {
    alloy_primitives::hex::decode(VALID).unwrap()
}

fn one() -> Vec<u8> {
    let mut word = vec![0; 32];
    word[31] = 1;
    word
}

#[test]
fn begins_with_osaka() {
    // Before, an account without code: success and no output.
    assert_eq!(precompile(ADDRESS, &valid(), Fork::Prague), (true, vec![]));
    assert_eq!(precompile(ADDRESS, &valid(), Fork::Osaka), (true, one()));
}

#[test]
fn what_is_no_signature_gives_nothing() {
    let mut wrong = valid();
    wrong[40] ^= 1;
    let mut off_curve = valid();
    off_curve[159] ^= 1;
    let mut zero_r = valid();
    zero_r[32..64].fill(0);
    let mut longer = valid();
    longer.push(0);
    for input in [
        wrong,
        off_curve,
        zero_r,
        longer,
        valid()[..159].to_vec(),
        vec![],
    ] {
        assert_eq!(precompile(ADDRESS, &input, Fork::Osaka), (true, vec![]));
    }
}

#[test]
fn costs_6900_gas_and_is_warm() {
    let registry = precompiles::Registry::<precompiles::Native>::get(&low(ADDRESS), Fork::Osaka);
    assert_eq!((registry.unwrap().gas)(&valid(), Fork::Osaka), 6900);
    let used = |number| {
        let world = World::calling(Fork::Osaka, precompile_call(number)).input(&[]);
        world.ran().receipt.gas_used
    };
    // An address of the same length whose account is cold and absent.
    assert_eq!(used(ADDRESS) - used(ADDRESS + 1), 6900 - 2500);
}
