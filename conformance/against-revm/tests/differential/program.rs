//! Random programs with a plan: operands of the right kind, jumps that land, calls that arrive.

use crate::precompile_inputs::input_for;
use crate::source::{Source, low, word};
use evm_interpreter::opcode::*;
use evm_interpreter::{Fork, H160, U256};

/// What a program knows of its world.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(crate) fork: Fork,
    /// Accounts worth calling and looking at.
    pub(crate) accounts: Vec<H160>,
}

/// Where a loop keeps its counter, beyond what most instructions touch.
const COUNTER: u16 = 0x1e0;
/// Stack items that a program lets lie about at most.
const CROWDED: usize = 40;

/// Code under construction.
struct Program<'a> {
    source: &'a mut Source,
    around: &'a Surroundings,
    code: Vec<u8>,
    /// Items that are probably on the stack.
    height: usize,
    /// Programs inside programs that are still allowed.
    nesting: usize,
}

/// Code of so many statements.
pub(crate) fn program(
    source: &mut Source,
    around: &Surroundings,
    statements: usize,
    nesting: usize,
) -> Vec<u8> {
    let mut this = Program {
        source,
        around,
        code: Vec::new(),
        height: 0,
        nesting,
    };
    this.statements(statements);
    this.end();
    let code = this.code;
    match source.below(60) {
        // Broken off, perhaps within an immediate.
        0 => code[..source.below(code.len().max(1))].to_vec(),
        // A byte changed.
        1 if !code.is_empty() => {
            let mut code = code;
            let at = source.below(code.len());
            code[at] = source.below(256) as u8;
            code
        }
        _ => code,
    }
}

impl Program<'_> {
    fn op(&mut self, op: u8) {
        self.code.push(op);
    }

    fn push(&mut self, number: impl Into<U256>) {
        let bytes = number.into().to_big_endian();
        let start = bytes.iter().position(|&byte| byte != 0).unwrap_or(32);
        // Now and then with zeros in front; PUSH0 where there is one.
        let start = if self.source.percent(5) {
            self.source.below(start + 1)
        } else {
            start
        };
        if start == 32 {
            if self.around.fork >= Fork::Shanghai && self.source.percent(90) {
                self.op(PUSH0);
            } else {
                self.code.extend([PUSH1, 0]);
            }
        } else {
            self.op(PUSH1 + (31 - start) as u8);
            self.code.extend_from_slice(&bytes[start..]);
        }
        self.height += 1;
    }

    fn account(&mut self) -> H160 {
        match self.source.below(12) {
            0 => low(self.source.below(0x13) as u16),
            1 => low(0x100),
            2 => H160(core::array::from_fn(|_| self.source.below(256) as u8)),
            _ => *self.source.pick(&self.around.accounts),
        }
    }

    fn push_account(&mut self) {
        match self.source.below(10) {
            0 => {
                let op = *self.source.pick(&[ADDRESS, CALLER, ORIGIN, COINBASE]);
                self.op(op);
                self.height += 1;
            }
            1 => {
                // Dirt above the address counts for nothing.
                let dirty = word(self.account()) | (self.source.word() << 160);
                self.push(dirty);
            }
            _ => {
                let account = self.account();
                self.push(word(account));
            }
        }
    }

    fn key(&mut self) -> U256 {
        match self.source.below(10) {
            0 => self.source.word(),
            n => U256::from(n % 4),
        }
    }

    fn statements(&mut self, count: usize) {
        for _ in 0..count {
            match self.source.below(100) {
                0..=49 => self.instruction(),
                50..=64 => self.storage(),
                65..=74 => self.call(),
                75..=79 => self.precompile(),
                80..=84 => self.create(),
                85..=89 => self.branch(),
                90..=92 => self.repeat(),
                93..=95 => self.keep(),
                96 => self.log(),
                97 if self.source.percent(20) => {
                    // A jump to anywhere.
                    let to = self.source.offset();
                    self.push(to);
                    self.op(JUMP);
                    self.height -= 1;
                }
                98 if self.source.percent(20) => {
                    let any = self.source.below(256) as u8;
                    self.op(any);
                }
                _ => self.op(JUMPDEST),
            }
            while self.height > CROWDED {
                self.op(POP);
                self.height -= 1;
            }
        }
    }

    /// One instruction with operands of its kind, or with what happens to be there.
    fn instruction(&mut self) {
        let op = self.source.below(256) as u8;
        let Some(instruction) = instruction(op) else {
            return;
        };
        let known = self.around.fork >= instruction.since;
        let ends = matches!(
            op,
            STOP | RETURN | REVERT | INVALID | SELFDESTRUCT | JUMP | JUMPI | CREATE | CREATE2 | CALL
                ..=DELEGATECALL | STATICCALL
        );
        // What ends the frame, or is unknown, would leave the rest of the program unused.
        if (!known || ends) && !self.source.percent(1) {
            return;
        }
        let inputs = usize::from(instruction.inputs);
        if self.height < inputs || self.source.percent(80) {
            self.operands(op, inputs);
        }
        self.op(op);
        let immediates = self.source.bytes(usize::from(instruction.immediates));
        self.code.extend(immediates);
        self.height = self.height.saturating_sub(inputs) + usize::from(instruction.outputs);
    }

    /// Operands, the last pushed on top.
    fn operands(&mut self, op: u8, inputs: usize) {
        match op {
            BALANCE | EXTCODESIZE | EXTCODEHASH | SELFDESTRUCT => self.push_account(),
            EXTCODECOPY => {
                for _ in 0..3 {
                    let offset = self.source.offset();
                    self.push(offset);
                }
                self.push_account();
            }
            SLOAD | TLOAD => {
                let key = self.key();
                self.push(key);
            }
            SSTORE | TSTORE => {
                let (value, key) = (self.source.word(), self.key());
                self.push(value);
                self.push(key);
            }
            BLOCKHASH => {
                let number = U256::from(700 + self.source.below(350));
                self.push(number);
            }
            BLOBHASH => {
                let index = self.source.below(4);
                self.push(index);
            }
            MSTORE | MSTORE8 => {
                let (value, offset) = (self.source.word(), self.source.offset());
                self.push(value);
                self.push(offset);
            }
            BYTE | SHL | SHR | SAR | SIGNEXTEND => {
                let (value, count) = (self.source.word(), self.source.below(300));
                self.push(value);
                self.push(count);
            }
            KECCAK256 | MLOAD | CALLDATALOAD | CALLDATACOPY | CODECOPY | RETURNDATACOPY | MCOPY
            | RETURN | REVERT => {
                for _ in 0..inputs {
                    let offset = self.source.offset();
                    self.push(offset);
                }
            }
            LOG0..=LOG4 => {
                for _ in 2..inputs {
                    let topic = self.source.word();
                    self.push(topic);
                }
                for _ in 0..2 {
                    let offset = self.source.offset();
                    self.push(offset);
                }
            }
            _ => {
                for _ in 0..inputs.saturating_sub(self.source.below(3).min(self.height)) {
                    let operand = self.source.word();
                    self.push(operand);
                }
            }
        }
    }

    /// Stores that meet each other: gas and refunds depend on what was there before.
    fn storage(&mut self) {
        let transient = self.around.fork >= Fork::Cancun && self.source.percent(20);
        let (store, load) = if transient {
            (TSTORE, TLOAD)
        } else {
            (SSTORE, SLOAD)
        };
        let key = self.key();
        if self.source.percent(30) {
            self.push(key);
            self.op(load);
            return;
        }
        let value = U256::from(self.source.below(3));
        self.push(value);
        self.push(key);
        self.op(store);
        self.height -= 2;
    }

    fn gas(&mut self) {
        match self.source.below(8) {
            0 => {
                let gas = self.source.below(5_000);
                self.push(gas);
            }
            1 => {
                let gas = self.source.below(100_000);
                self.push(gas);
            }
            2 => {
                let gas = self.source.word();
                self.push(gas);
            }
            _ => {
                self.op(GAS);
                self.height += 1;
            }
        }
    }

    fn call(&mut self) {
        let op = *self
            .source
            .pick(&[CALL, CALL, CALLCODE, DELEGATECALL, STATICCALL]);
        for _ in 0..4 {
            let offset = self.source.offset();
            self.push(offset);
        }
        if matches!(op, CALL | CALLCODE) {
            let value = if self.source.percent(60) {
                0
            } else {
                self.source.below(40)
            };
            self.push(value);
        }
        self.push_account();
        self.gas();
        self.op(op);
        self.height -= if matches!(op, CALL | CALLCODE) { 6 } else { 5 };
        self.after_call();
    }

    fn after_call(&mut self) {
        if self.around.fork >= Fork::Byzantium && self.source.percent(30) {
            self.op(RETURNDATASIZE);
            self.push(0);
            self.push(0);
            self.op(RETURNDATACOPY);
            self.height -= 2;
        }
        if self.source.percent(50) {
            self.keep();
        }
    }

    /// A precompile with an input that it likes, or one close to that.
    fn precompile(&mut self) {
        let number = match self.source.below(20) {
            0 => 0x100,
            n => n as u16,
        };
        let input = input_for(self.source, number);
        self.fill(&input);
        let room = self.source.below(100);
        self.push(room);
        self.push(0);
        let length = if self.source.percent(90) {
            input.len()
        } else {
            self.source.below(300)
        };
        self.push(length);
        self.push(0);
        let op = *self
            .source
            .pick(&[CALL, CALLCODE, DELEGATECALL, STATICCALL]);
        if matches!(op, CALL | CALLCODE) {
            let value = if self.source.percent(90) { 0 } else { 1 };
            self.push(value);
        }
        self.push(number);
        self.gas();
        self.op(op);
        self.height -= if matches!(op, CALL | CALLCODE) { 6 } else { 5 };
        self.after_call();
    }

    /// Writes bytes to memory, from its start on.
    fn fill(&mut self, bytes: &[u8]) {
        for (at, chunk) in bytes.chunks(32).enumerate() {
            let mut padded = [0; 32];
            padded[..chunk.len()].copy_from_slice(chunk);
            self.push(U256::from_big_endian(&padded));
            self.push(32 * at);
            self.op(MSTORE);
            self.height -= 2;
        }
    }

    fn create(&mut self) {
        if self.nesting == 0 {
            return;
        }
        let length = 1 + self.source.below(6);
        let init_code = match self.source.below(8) {
            0 => {
                let length = self.source.below(40);
                self.source.bytes(length)
            }
            // Returns code that runs.
            1..=3 => {
                let code = program(self.source, self.around, length, self.nesting - 1);
                deploying(&code[..code.len().min(400)])
            }
            _ => program(self.source, self.around, length, self.nesting - 1),
        };
        let init_code = &init_code[..init_code.len().min(600)];
        self.fill(init_code);
        let two = self.around.fork >= Fork::Constantinople && self.source.percent(50);
        if two {
            // Small, so that addresses meet.
            let salt = self.source.below(2);
            self.push(salt);
        }
        let length = if self.source.percent(95) {
            U256::from(init_code.len())
        } else {
            self.source.offset()
        };
        self.push(length);
        self.push(0);
        let value = if self.source.percent(70) {
            0
        } else {
            self.source.below(5)
        };
        self.push(value);
        self.op(if two { CREATE2 } else { CREATE });
        self.height -= if two { 3 } else { 2 };
        if self.source.percent(60) {
            // Calls what was created.
            for _ in 0..5 {
                self.push(0);
            }
            self.op(DUP6);
            self.op(GAS);
            self.op(CALL);
            self.height -= 4;
        }
        self.after_call();
    }

    /// Statements that are run or passed over.
    fn branch(&mut self) {
        if self.source.percent(50) || self.height == 0 {
            let condition = self.source.below(2);
            self.push(condition);
        }
        let patch = self.push_label();
        self.op(JUMPI);
        self.height = self.height.saturating_sub(2);
        let height = self.height;
        let count = self.source.below(4);
        self.statements(count);
        // The shorter way left fewer items.
        self.height = self.height.min(height);
        self.land(patch);
    }

    fn repeat(&mut self) {
        let rounds = 1 + self.source.below(6);
        self.push(rounds);
        self.push(COUNTER);
        self.op(MSTORE);
        self.height -= 2;
        let start = self.code.len();
        self.op(JUMPDEST);
        let count = 1 + self.source.below(3);
        self.statements(count);
        self.push(1);
        self.push(COUNTER);
        self.op(MLOAD);
        self.op(SUB);
        self.op(DUP1);
        self.push(COUNTER);
        self.op(MSTORE);
        self.code.push(PUSH2);
        self.code.extend((start as u16).to_be_bytes());
        self.op(JUMPI);
        self.height -= 3;
    }

    fn push_label(&mut self) -> usize {
        self.code.extend([PUSH2, 0, 0]);
        self.height += 1;
        self.code.len() - 2
    }

    fn land(&mut self, patch: usize) {
        let here = self.code.len() as u16;
        self.code[patch..patch + 2].copy_from_slice(&here.to_be_bytes());
        self.op(JUMPDEST);
    }

    /// Keeps the item on top in storage or memory, so that it counts in the end.
    fn keep(&mut self) {
        if self.height == 0 {
            return;
        }
        if self.source.percent(50) {
            let key = 4 + self.source.below(8);
            self.push(key);
            self.op(SSTORE);
        } else {
            let offset = 32 * self.source.below(8);
            self.push(offset);
            self.op(MSTORE);
        }
        self.height -= 2;
    }

    fn log(&mut self) {
        let topics = self.source.below(5);
        self.operands(LOG0 + topics as u8, topics + 2);
        self.op(LOG0 + topics as u8);
        self.height = self.height.saturating_sub(topics + 2);
    }

    fn end(&mut self) {
        match self.source.below(16) {
            0..=2 => self.op(STOP),
            3 => {}
            4 => self.op(INVALID),
            5 => {
                self.push_account();
                self.op(SELFDESTRUCT);
            }
            6 | 7 if self.around.fork >= Fork::Byzantium => {
                let length = self.source.below(100);
                self.push(length);
                self.push(0);
                self.op(REVERT);
            }
            _ => {
                if self.height > 0 {
                    self.push(0);
                    self.op(MSTORE);
                }
                let length = if self.source.percent(95) {
                    U256::from(self.source.below(100))
                } else {
                    self.source.offset()
                };
                self.push(length);
                self.push(0);
                self.op(RETURN);
            }
        }
    }
}

/// Init code that deploys `code`.
pub(crate) fn deploying(code: &[u8]) -> Vec<u8> {
    let length = (code.len() as u16).to_be_bytes();
    let mut init = vec![
        PUSH2, length[0], length[1], DUP1, PUSH1, 12, PUSH1, 0, CODECOPY,
    ];
    init.extend([PUSH1, 0, RETURN]);
    init.extend_from_slice(code);
    init
}
