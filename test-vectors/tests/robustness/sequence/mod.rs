//! Random sequences of messages over contracts that know each other: creations, calls, transfers,
//! destructions and resurrections, by senders of every kind.

#[path = "../../scenarios/assembler.rs"]
mod assembler;
mod program;

use alloy_primitives::{Address, U256, address, keccak256};
use fevm_bundle::Bundle;
use fevm_machine::address::{delegated, from_eth, mask_id};
use fevm_test_vectors::format::{
    AddressHex, Amount, Expect, Genesis, GenesisActor, Hex, Message, Step, Vector,
};
use fevm_test_vectors::replay::{Replay, StepResult};
use fvm_shared::address::Address as FilAddress;
use fvm_shared::econ::TokenAmount;

use self::assembler::{address_word, byte_string, word};
use self::program::{Known, init_code};
use crate::rng::Rng;
use crate::world::{Ran, difference, ended_with, offence};

const ALICE: Address = address!("a11ce00000000000000000000000000000000100");
const BOB: Address = address!("b0b0000000000000000000000000000000000101");
/// Has never sent: a placeholder with funds.
const CAROL: Address = address!("ca01000000000000000000000000000000000103");

/// First ID of those that messages make.
const NEXT_ID: u64 = 104;

const INVOKE_EVM: u64 = 3_844_450_837;
const GAS_LIMIT: u64 = 9_000_000_000;
const EAM: FilAddress = FilAddress::new_id(10);

/// A sequence under construction.
struct Sequence<'r> {
    rng: &'r mut Rng,
    known: Known,
    vector: Vector,
    /// Message nonces of Alice, Bob, the native account and Carol.
    nonces: [u64; 4],
    /// Runs of the actors' contracts, by address.
    contracts: Vec<Address>,
}

fn key() -> FilAddress {
    FilAddress::new_secp256k1(&[4; 65]).expect("a public key")
}

fn genesis() -> Genesis {
    let actor = |id, code| GenesisActor {
        balance: Amount(TokenAmount::from_whole(1_000)),
        ..GenesisActor::new(id, code)
    };
    let mut genesis = Genesis::minimal("sequence");
    for (id, code, account) in [
        (100, "ethaccount", ALICE),
        (101, "ethaccount", BOB),
        (103, "placeholder", CAROL),
    ] {
        genesis.actors.push(GenesisActor {
            delegated: Some(AddressHex(delegated(account))),
            ..actor(id, code)
        });
    }
    genesis.actors.push(GenesisActor {
        address: Some(AddressHex(key())),
        ..actor(102, "account")
    });
    genesis.actors.sort_by_key(|actor| actor.id);
    genesis.next_id = NEXT_ID;
    genesis
}

/// The sequence of a seed. Where `gas` is said some calls are limited in gas.
pub(crate) fn generate(rng: &mut Rng, name: String, gas: bool) -> Vector {
    let mut addresses = vec![
        ALICE,
        BOB,
        CAROL,
        Address::ZERO,
        mask_id(1),
        mask_id(10),
        mask_id(99),
        mask_id(102),
        mask_id(NEXT_ID),
        mask_id(NEXT_ID + 1),
        mask_id(9_999),
        address!("0000000000000000000000000000000000000002"),
        address!("0000000000000000000000000000000000000004"),
        address!("000000000000000000000000000000000000000a"),
        address!("0000000000000000000000000000000000000100"),
        address!("fe00000000000000000000000000000000000007"),
        address!("1234567890123456789012345678901234567890"),
    ];
    // The first contracts, before they are there; twice, since they matter more.
    for _ in 0..3 {
        addresses.extend((0..4).map(|nonce| ALICE.create(nonce)));
    }
    let mut sequence = Sequence {
        known: Known {
            addresses,
            init_codes: Vec::new(),
            gas,
        },
        rng,
        vector: Vector {
            format: 1,
            name,
            description: "random messages over contracts that know each other".into(),
            genesis: genesis(),
            steps: Vec::new(),
        },
        nonces: [0; 4],
        contracts: (0..4).map(|nonce| ALICE.create(nonce)).collect(),
    };
    sequence.prepare();
    for _ in 0..8 + sequence.rng.below(12) {
        sequence.message();
    }
    sequence.vector
}

impl Sequence<'_> {
    /// Init codes small and large, and contracts made of them.
    fn prepare(&mut self) {
        let mut small = Vec::new();
        for _ in 0..3 {
            small.push(init_code(self.rng, &self.known));
        }
        self.known.init_codes = small.clone();
        for _ in 0..2 {
            let code = init_code(self.rng, &self.known);
            small.push(code);
        }
        small.retain(|code| code.len() < 3_000);
        self.known.init_codes = small;
        // Where CREATE2 of the first contracts leads.
        for creator in 0..2 {
            let creator = ALICE.create(creator);
            for salt in 0..2 {
                for code in self.known.init_codes.clone() {
                    let salt = U256::from(salt).to_be_bytes::<32>();
                    let child = creator.create2(salt, keccak256(&code));
                    self.known.addresses.push(child);
                    self.contracts.push(child);
                }
            }
            let child = creator.create(1);
            self.known.addresses.push(child);
            self.contracts.push(child);
        }
        for _ in 0..3 {
            let code = assembler::deployer(&program::runtime(self.rng, &self.known));
            self.create(0, code);
        }
    }

    fn create(&mut self, sender: usize, code: Vec<u8>) {
        let value = if self.rng.chance(60) { 1_000 } else { 0 };
        self.send(sender, EAM, 4, byte_string(&code), value);
    }

    /// A message of one of the accounts.
    fn send(&mut self, sender: usize, to: FilAddress, method: u64, params: Vec<u8>, value: u64) {
        let from = [delegated(ALICE), delegated(BOB), key(), delegated(CAROL)][sender];
        let nonce = self.nonces[sender];
        self.nonces[sender] += 1;
        self.push(from, nonce, to, method, params, value, false);
    }

    #[allow(clippy::too_many_arguments)]
    fn push(
        &mut self,
        from: FilAddress,
        nonce: u64,
        to: FilAddress,
        method: u64,
        params: Vec<u8>,
        value: u64,
        implicit: bool,
    ) {
        let n = self.vector.steps.len();
        let later = self.rng.chance(50);
        let zero = || Amount(TokenAmount::from_atto(0));
        self.vector.steps.push(Step {
            name: format!("{n}"),
            message: Message {
                from: AddressHex(from),
                to: AddressHex(to),
                method,
                params: Hex(params),
                value: Amount(TokenAmount::from_atto(value)),
                nonce,
                gas_limit: GAS_LIMIT,
                gas_fee_cap: zero(),
                gas_premium: zero(),
                epoch: later.then_some(1_000 + n as i64),
                timestamp: later.then_some(1_700_000_000 + 30 * n as u64),
                base_fee: None,
                implicit,
            },
            expect: Expect::default(),
        });
    }

    /// Where a message goes: mostly contracts.
    fn receiver(&mut self) -> FilAddress {
        match self.rng.below(10) {
            0 => FilAddress::new_id(*self.rng.pick(&[0, 1, 10, 99, 102, 103, 104, 105, 106, 107])),
            1 => from_eth(*self.rng.pick(&self.known.addresses)),
            2 => delegated(*self.rng.pick(&self.known.addresses)),
            _ => from_eth(*self.rng.pick(&self.contracts)),
        }
    }

    fn call_data(&mut self) -> Vec<u8> {
        if self.rng.chance(8) {
            return Vec::new();
        }
        let mut data = vec![self.rng.below(6) as u8, self.rng.below(4) as u8];
        data.extend(match self.rng.below(3) {
            0 => word(self.rng.below(4) as u64),
            1 => address_word(*self.rng.pick(&self.known.addresses)),
            _ => U256::from(self.rng.next()).to_be_bytes(),
        });
        data
    }

    fn message(&mut self) {
        let sender = *self.rng.pick(&[0, 0, 0, 1, 1, 2, 3]);
        let value = if self.rng.chance(30) {
            self.rng.next() % 100
        } else {
            0
        };
        let to = self.receiver();
        match self.rng.below(20) {
            0..=11 => {
                let data = self.call_data();
                let params = match data.is_empty() {
                    true => Vec::new(),
                    false => byte_string(&data),
                };
                self.send(sender, to, INVOKE_EVM, params, value);
            }
            12 | 13 => {
                let code = match self.rng.chance(50) {
                    true => self.rng.pick(&self.known.init_codes).clone(),
                    false => init_code(self.rng, &self.known),
                };
                self.create(sender, code);
            }
            14 => self.send(sender, to, 0, Vec::new(), value),
            15 | 16 => {
                let method =
                    *self
                        .rng
                        .pick(&[3, 4, 1_023, 1_024, 1 << 24, 5_000_000_000, u64::MAX]);
                let params = *self
                    .rng
                    .pick(&[&[][..], &[0x80], &[7], &[0x41, 7], &[0xff]]);
                self.send(sender, to, method, params.to_vec(), value);
            }
            17 => {
                let slot = self.rng.below(4) as u8;
                let params = vec![0x81, 0x41, slot];
                self.push(FilAddress::new_id(0), 0, to, 5, params, 0, true);
            }
            // As in the message before, so that what lives as long as a message lives on.
            18 if self
                .vector
                .steps
                .last()
                .is_some_and(|s| !s.message.implicit) =>
            {
                let last = self.vector.steps.last().expect("a message").message.clone();
                let data = byte_string(&self.call_data());
                self.push(last.from.0, last.nonce, to, INVOKE_EVM, data, value, true);
            }
            _ => {
                // A contract, in the name of one that may not be there.
                let from = delegated(*self.rng.pick(&self.contracts[..2]));
                let code = self.rng.pick(&self.known.init_codes).clone();
                let code = byte_string(&code);
                let (method, second) = match self.rng.chance(50) {
                    true => (2, vec![self.rng.below(24) as u8]),
                    false => (3, byte_string(&word(self.rng.below(2) as u64))),
                };
                let params = [&[0x82][..], &code, &second].concat();
                self.push(from, 77, EAM, method, params, value, true);
            }
        }
    }
}

/// Applies a sequence, with both suites if there is another; gives the exit codes, or what is wrong.
///
/// Where a frame ran out of gas on one side alone the sequence ends: the two use other amounts.
pub(crate) fn check(
    vector: &Vector,
    ours: &Bundle,
    theirs: Option<&Bundle>,
) -> Result<Vec<u32>, String> {
    let start = |bundle| {
        let replay = Replay::start(vector, bundle, None).map_err(|error| format!("{error:#}"));
        replay.map(Replay::with_tracing)
    };
    let mut ours = start(ours)?;
    let mut theirs = theirs.map(start).transpose()?;
    let mut codes = Vec::new();
    let at = |n: usize, what: String| {
        let message = &vector.steps[n].message;
        format!(
            "message {n} of {}: {what}\n{message:x?}",
            vector.steps.len()
        )
    };
    while let Some(done) = ours.step().map_err(|error| format!("{error:#}"))? {
        let n = codes.len();
        let done = ran(done);
        if let Some(offence) = offence(&done) {
            return Err(at(n, offence));
        }
        codes.push(done.outcome.exit_code.value());
        let Some(theirs) = &mut theirs else { continue };
        let other = theirs
            .step()
            .map_err(|error| format!("only theirs: {error:#}"))?;
        let other = other.map(ran).ok_or("fewer messages")?;
        if let Some(difference) = difference(&done, &other) {
            if ended_with(&done, &[4, 7]) || ended_with(&other, &[4, 7]) {
                break;
            }
            return Err(at(n, difference));
        }
    }
    Ok(codes)
}

fn ran(step: StepResult) -> Ran {
    Ran {
        calls: step.outcome.call_tree(),
        outcome: step.outcome,
        after: step.after,
    }
}
