//! Contracts of many functions that call each other, create, destroy and look at each other.
//!
//! The first byte of the call data chooses a function, the second says how many calls deep it may go
//! (its two low bits), so that every message comes to an end. What a function finds out goes to its result.

use alloy_primitives::{Address, U256};

use super::assembler::{assemble, deployer};
use crate::rng::Rng;

/// What is known when a contract is written.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// Addresses worth calling.
    pub(crate) addresses: Vec<Address>,
    /// Init codes worth creating from.
    pub(crate) init_codes: Vec<Vec<u8>>,
    /// Whether calls may be limited in gas: what runs out then depends on the actors.
    pub(crate) gas: bool,
}

/// Where results are gathered, a word each, and how many.
const RESULTS: usize = 0x60;
const MOST_RESULTS: usize = 14;

/// The contract that was created last.
const LAST: &str = "0x40 MLOAD";

/// Selector of `handle_filecoin_method(uint64,uint64,bytes)`.
const NATIVE: &str = "0x868e10c4";

struct Writer<'a> {
    rng: &'a mut Rng,
    known: &'a Known,
    text: String,
    /// Init codes behind the code.
    data: Vec<&'a [u8]>,
    labels: usize,
    results: usize,
    /// How deep calls may go from here, in code; `None` where none may be made.
    fuel: Option<&'static str>,
}

/// Runtime code of a contract.
pub(crate) fn runtime(rng: &mut Rng, known: &Known) -> Vec<u8> {
    let functions = 2 + rng.below(4);
    let mut writer = Writer::new(rng, known);
    writer.push("0 CALLDATALOAD 224 SHR");
    writer.push(&format!("{NATIVE} EQ @native JUMPI"));
    writer.push("1 CALLDATALOAD 248 SHR 3 AND ISZERO @leaf JUMPI 0 CALLDATALOAD 248 SHR");
    writer.push(&format!("{functions} SWAP1 MOD"));
    for n in 0..functions {
        writer.push(&format!("DUP1 {n} EQ @f{n} JUMPI"));
    }
    for n in 0..functions {
        writer.push(&format!(":f{n}"));
        writer.fuel = Some("1 1 CALLDATALOAD 248 SHR 3 AND SUB");
        writer.body(5);
    }
    writer.push(":leaf");
    writer.fuel = None;
    writer.body(4);
    writer.push(":native");
    writer.native();
    writer.finish()
}

/// Init code: of a contract, or one that does something itself and leaves whatever code.
pub(crate) fn init_code(rng: &mut Rng, known: &Known) -> Vec<u8> {
    match rng.below(20) {
        0 => Vec::new(),
        1 => assemble("0xef 0 MSTORE8 2 0 RETURN"),
        2 => assemble("0x6001 0 RETURN"),
        3 => assemble("CALLER SELFDESTRUCT"),
        4 => assemble("0xdead 0 MSTORE 0x20 0 REVERT"),
        5..=8 => {
            let mut writer = Writer::new(rng, known);
            writer.fuel = Some("0");
            writer.body(5);
            writer.finish()
        }
        _ => deployer(&runtime(rng, known)),
    }
}

impl<'a> Writer<'a> {
    const fn new(rng: &'a mut Rng, known: &'a Known) -> Self {
        Self {
            rng,
            known,
            text: String::new(),
            data: Vec::new(),
            labels: 0,
            results: 0,
            fuel: None,
        }
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push(' ');
    }

    fn finish(mut self) -> Vec<u8> {
        for (n, data) in std::mem::take(&mut self.data).into_iter().enumerate() {
            // Behind the label's own byte.
            self.push(&format!(":data{n} ={}", hex::encode(data)));
        }
        assemble(&self.text)
    }

    /// Keeps the word on the stack.
    fn result(&mut self) {
        let at = RESULTS + 32 * (self.results % MOST_RESULTS);
        self.results += 1;
        self.push(&format!("{at} MSTORE"));
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("l{}", self.labels)
    }

    /// A function: some acts, and an end.
    fn body(&mut self, most: usize) {
        self.results = 0;
        for _ in 0..1 + self.rng.below(most) {
            self.act();
        }
        match self.rng.below(20) {
            0 | 1 => self.push(&format!("0x1c0 {RESULTS} REVERT")),
            2 => self.push("0 0 REVERT"),
            3 => self.push("STOP"),
            4 => self.push("INVALID"),
            5 => self.push("ADD ADD ADD ADD ADD ADD"),
            6 | 7 => {
                let heir = self.target();
                self.push(&format!("{heir} SELFDESTRUCT"));
            }
            // Depending on the call data.
            8 | 9 => {
                let (label, heir) = (self.label(), self.target());
                self.push(&format!("2 CALLDATALOAD 1 AND @{label} JUMPI"));
                self.push(&format!(
                    "0x1c0 {RESULTS} RETURN :{label} {heir} SELFDESTRUCT"
                ));
            }
            10 | 11 => {
                let label = self.label();
                self.push(&format!("2 CALLDATALOAD 2 AND @{label} JUMPI"));
                self.push(&format!(
                    "0x1c0 {RESULTS} RETURN :{label} 0x1c0 {RESULTS} REVERT"
                ));
            }
            _ => self.push(&format!("0x1c0 {RESULTS} RETURN")),
        }
    }

    fn act(&mut self) {
        match (self.rng.below(20), self.fuel.is_some()) {
            (0..=5, true) => self.call(),
            (6 | 7, true) => self.create(),
            (8, true) => self.call_actor(),
            (9, _) => self.look_up(),
            (0..=2 | 10..=12, _) => self.slot(),
            (3 | 4 | 13 | 14, _) => self.transient(),
            (5 | 15 | 16, _) => self.examine(),
            (6 | 17 | 18, _) => self.log(),
            _ => self.environment(),
        }
    }

    /// A word to store, send or log.
    fn value(&mut self) -> String {
        match self.rng.below(8) {
            0..=2 => self.rng.below(4).to_string(),
            3 => "2 CALLDATALOAD".into(),
            4 => "CALLVALUE".into(),
            5 => "CALLER".into(),
            6 => format!("{RESULTS} MLOAD"),
            _ => format!("{}", U256::MAX - U256::from(self.rng.below(3))),
        }
    }

    fn target(&mut self) -> String {
        match self.rng.below(12) {
            0 => "ADDRESS".into(),
            1 => "CALLER".into(),
            2 => LAST.into(),
            3 => "2 CALLDATALOAD".into(),
            _ => {
                let address = *self.rng.pick(&self.known.addresses);
                format!("{address:#x}")
            }
        }
    }

    fn slot(&mut self) {
        let key = self.rng.below(4);
        if self.rng.chance(60) {
            let value = self.value();
            self.push(&format!("{value} {key} SSTORE"));
        } else {
            self.push(&format!("{key} SLOAD"));
            self.result();
        }
    }

    fn transient(&mut self) {
        let key = self.rng.below(3);
        if self.rng.chance(60) {
            let value = self.value();
            self.push(&format!("{value} {key} TSTORE"));
        } else {
            self.push(&format!("{key} TLOAD"));
            self.result();
        }
    }

    fn examine(&mut self) {
        let target = self.target();
        match self.rng.below(4) {
            0 => self.push(&format!("{target} EXTCODESIZE")),
            1 => self.push(&format!("{target} EXTCODEHASH")),
            2 => self.push(&format!("{target} BALANCE")),
            _ => {
                let offset = self.rng.below(3) * 20;
                self.push(&format!("32 {offset} 0 {target} EXTCODECOPY 0 MLOAD"));
            }
        }
        self.result();
    }

    fn environment(&mut self) {
        let op = *self.rng.pick(&[
            "CALLER",
            "ORIGIN",
            "CALLVALUE",
            "SELFBALANCE",
            "ADDRESS",
            "NUMBER",
            "TIMESTAMP",
            "PREVRANDAO",
            "NUMBER BLOCKHASH",
            "7 NUMBER SUB BLOCKHASH",
            "BASEFEE",
            "GASPRICE",
            "GASLIMIT",
            "COINBASE",
            "CHAINID",
            "CODESIZE",
            "CALLDATASIZE",
            "RETURNDATASIZE",
            "MSIZE",
            "PC",
        ]);
        self.push(op);
        self.result();
    }

    fn log(&mut self) {
        let topics = self.rng.below(5);
        for _ in 0..topics {
            let value = self.value();
            self.push(&value);
        }
        let len = match self.rng.below(30) {
            0 => 8_192 - 32 * topics,
            1 => 8_193 - 32 * topics,
            _ => self.rng.below(3) * 33,
        };
        self.push(&format!("{len} {RESULTS} LOG{topics}"));
    }

    fn gas(&mut self) -> &'static str {
        if !self.known.gas || self.rng.chance(60) {
            return "GAS";
        }
        self.rng
            .pick::<&str>(&["0", "2300", "3000000", "12000000", "GAS 1 SHR", "2301"])
    }

    /// A value to send, mostly none.
    fn endowment(&mut self) -> &'static str {
        self.rng.pick::<&str>(&[
            "0",
            "0",
            "0",
            "0",
            "1",
            "CALLVALUE",
            "SELFBALANCE",
            "1 SELFBALANCE ADD",
            "0 NOT",
        ])
    }

    fn call(&mut self) {
        let fuel = self.fuel.unwrap_or("0");
        let function = self.rng.below(6);
        let argument = self.value();
        self.push(&format!(
            "{function} 0x300 MSTORE8 {fuel} 0x301 MSTORE8 {argument} 0x302 MSTORE"
        ));
        let (target, gas) = (self.target(), self.gas());
        let input = *self.rng.pick(&[34, 34, 34, 34, 0, 2, 100]);
        let out = RESULTS + 32 * (self.results % MOST_RESULTS);
        self.results += 1;
        let (kind, value) = match self.rng.below(6) {
            0..=2 => ("CALL", self.endowment()),
            3 => ("STATICCALL", ""),
            _ => ("DELEGATECALL", ""),
        };
        self.push(&format!(
            "32 {out} {input} 0x300 {value} {target} {gas} {kind}"
        ));
        self.result();
        if self.rng.chance(40) {
            self.push("RETURNDATASIZE");
            self.result();
        }
        if self.rng.chance(10) {
            let label = self.label();
            self.push(&format!(
                "RETURNDATASIZE 32 GT @{label} JUMPI 32 0 0 RETURNDATACOPY :{label}"
            ));
        }
    }

    fn create(&mut self) {
        if self.known.init_codes.is_empty() {
            return self.slot();
        }
        let init_code = self.rng.pick(&self.known.init_codes);
        let n = self.data.len();
        self.data.push(init_code);
        let (len, value) = (init_code.len(), self.endowment());
        self.push(&format!("{len} 1 @data{n} ADD 0x400 CODECOPY"));
        if self.rng.chance(60) {
            let salt = self.rng.below(2);
            self.push(&format!("{salt} {len} 0x400 {value} CREATE2"));
        } else {
            self.push(&format!("{len} 0x400 {value} CREATE"));
        }
        self.push("DUP1 0x40 MSTORE");
        self.result();
        self.push("RETURNDATASIZE");
        self.result();
    }

    /// The precompiles call_actor and call_actor_id.
    fn call_actor(&mut self) {
        let by_id = self.rng.chance(60);
        let method = match self.rng.below(8) {
            0 => "0".into(),
            1 | 2 => "3844450837".into(),
            3 => "2643134072".into(),
            4 => self.rng.below(8).to_string(),
            5 => (1_000 + self.rng.below(50)).to_string(),
            _ => "5000000000".into(),
        };
        let value = self.endowment();
        let flags = *self.rng.pick(&["0", "0", "0", "1", "2"]);
        let codec = *self
            .rng
            .pick(&["0x51", "0x51", "0x51", "0x51", "0", "0x55", "0x71"]);
        for (at, word) in [
            (0x300, method.as_str()),
            (0x320, value),
            (0x340, flags),
            (0x360, codec),
            (0x380, "0xc0"),
        ] {
            self.push(&format!("{word} {at} MSTORE"));
        }
        let fuel = self.fuel.unwrap_or("0");
        let function = self.rng.below(6);
        // Parameters: a byte string of three bytes, function, depth and 1.
        let len = *self.rng.pick(&[4, 4, 4, 0, 3]);
        self.push(&format!(
            "{len} 0x3c0 MSTORE {:#x} 0x3e0 MSTORE {fuel} 0x3e2 MSTORE8",
            U256::from(0x4300_0001_u64 | (function as u64) << 16) << 224
        ));
        let precompile = if by_id {
            let id = *self
                .rng
                .pick(&[0, 1, 2, 10, 99, 100, 102, 103, 104, 105, 106, 5_000]);
            self.push(&format!("{id} 0x3a0 MSTORE"));
            5
        } else {
            let to = *self.rng.pick(&self.known.addresses);
            let bytes: Vec<u8> = fevm_machine::address::from_eth(to).to_bytes();
            let mut word = [0; 32];
            word[..bytes.len()].copy_from_slice(&bytes);
            self.push(&format!(
                "0x100 0x3a0 MSTORE {} 0x400 MSTORE {:#x} 0x420 MSTORE",
                bytes.len(),
                U256::from_be_bytes(word)
            ));
            3
        };
        let kind = *self
            .rng
            .pick(&["DELEGATECALL", "DELEGATECALL", "DELEGATECALL", "STATICCALL"]);
        let mut address = [0; 20];
        (address[0], address[19]) = (0xfe, precompile);
        let (address, gas) = (Address::from(address), self.gas());
        let out = RESULTS + 32 * (self.results % MOST_RESULTS);
        self.results += 1;
        self.push(&format!("32 {out} 0x140 0x300 {address:#x} {gas} {kind}"));
        self.result();
        self.push("RETURNDATASIZE");
        self.result();
    }

    /// The precompiles resolve_address, lookup_delegated_address and get_randomness.
    fn look_up(&mut self) {
        let (precompile, len) = match self.rng.below(3) {
            0 => {
                let to = *self.rng.pick(&self.known.addresses);
                let mut bytes: Vec<u8> = fevm_machine::address::from_eth(to).to_bytes();
                let len = bytes.len();
                bytes.resize(32, 0);
                self.push(&format!("0x{} 0x300 MSTORE", hex::encode(bytes)));
                (1, len - usize::from(self.rng.chance(10)))
            }
            1 => {
                let id = 95 + self.rng.below(20);
                self.push(&format!("{id} 0x300 MSTORE"));
                (2, 32)
            }
            _ => {
                let back = self.rng.below(3);
                self.push(&format!("{back} NUMBER SUB 0x300 MSTORE"));
                (6, 32)
            }
        };
        let mut address = [0; 20];
        (address[0], address[19]) = (0xfe, precompile);
        let address = Address::from(address);
        self.push(&format!("32 0 {len} 0x300 {address:#x} GAS STATICCALL"));
        self.result();
        self.push("0 MLOAD");
        self.result();
        self.push("RETURNDATASIZE");
        self.result();
    }

    /// An answer to methods of native actors.
    fn native(&mut self) {
        let exit = *self
            .rng
            .pick(&["0", "0", "0", "7", "16", "33", "0xffffffff"]);
        let codec = *self.rng.pick(&["0x51", "0x51", "0x51", "0", "0x55"]);
        self.push(&format!(
            "{exit} 0 MSTORE {codec} 0x20 MSTORE 0x60 0x40 MSTORE"
        ));
        self.slot();
        if codec == "0" {
            self.push("0x80 0 RETURN");
        } else {
            // One of the bytes of what came, as a number: CBOR, or not.
            self.push("1 0x60 MSTORE 0x84 CALLDATALOAD 0x80 MSTORE 0xa0 0 RETURN");
        }
    }
}
