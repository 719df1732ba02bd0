//! The instruction set: the one table that everything else is derived from.
//!
//! Numbers, mnemonics and stack effects follow the Yellow Paper (appendix H.2) and the EIPs that
//! added instructions since. Mnemonics are today's: what was SHA3, DIFFICULTY and SUICIDE is
//! [`KECCAK256`], [`PREVRANDAO`] and [`SELFDESTRUCT`].

use crate::fork::Fork;

/// What the table knows of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Mnemonic.
    pub name: &'static str,
    /// Immediate bytes that follow the opcode in the code.
    pub immediates: u8,
    /// Items that must be on the stack.
    pub inputs: u8,
    /// Items that stand in their place afterwards.
    pub outputs: u8,
    /// Constant part of the gas price at the fork that introduced it; [`base_gas`] knows the
    /// changes since.
    pub gas: u16,
    /// First fork that has it.
    pub since: Fork,
    /// Whether Filecoin mainnet's EVM actor has it (FIP-0054, 0094, 0097, 0114).
    pub filecoin: bool,
}

/// Builds the constants and the table from one list.
macro_rules! instruction_set {
    ($($code:literal $name:ident $immediates:literal $inputs:literal $outputs:literal $gas:literal $since:ident $filecoin:literal;)*) => {
        $(
            #[doc = concat!("Opcode ", stringify!($code), ".")]
            pub const $name: u8 = $code;
        )*

        /// The instruction set by opcode; `None` where no fork defines one.
        pub static INSTRUCTIONS: [Option<Instruction>; 256] = TABLE;

        const TABLE: [Option<Instruction>; 256] = {
            let mut table = [None; 256];
            $(
                table[$code] = Some(Instruction {
                    name: stringify!($name),
                    immediates: $immediates,
                    inputs: $inputs,
                    outputs: $outputs,
                    gas: $gas,
                    since: Fork::$since,
                    filecoin: $filecoin,
                });
            )*
            table
        };
    };
}

//   code name            imm in out  gas   since          on Filecoin
instruction_set! {
    0x00 STOP             0  0  0      0 Frontier        true;
    0x01 ADD              0  2  1      3 Frontier        true;
    0x02 MUL              0  2  1      5 Frontier        true;
    0x03 SUB              0  2  1      3 Frontier        true;
    0x04 DIV              0  2  1      5 Frontier        true;
    0x05 SDIV             0  2  1      5 Frontier        true;
    0x06 MOD              0  2  1      5 Frontier        true;
    0x07 SMOD             0  2  1      5 Frontier        true;
    0x08 ADDMOD           0  3  1      8 Frontier        true;
    0x09 MULMOD           0  3  1      8 Frontier        true;
    0x0a EXP              0  2  1     10 Frontier        true;
    0x0b SIGNEXTEND       0  2  1      5 Frontier        true;
    0x10 LT               0  2  1      3 Frontier        true;
    0x11 GT               0  2  1      3 Frontier        true;
    0x12 SLT              0  2  1      3 Frontier        true;
    0x13 SGT              0  2  1      3 Frontier        true;
    0x14 EQ               0  2  1      3 Frontier        true;
    0x15 ISZERO           0  1  1      3 Frontier        true;
    0x16 AND              0  2  1      3 Frontier        true;
    0x17 OR               0  2  1      3 Frontier        true;
    0x18 XOR              0  2  1      3 Frontier        true;
    0x19 NOT              0  1  1      3 Frontier        true;
    0x1a BYTE             0  2  1      3 Frontier        true;
    0x1b SHL              0  2  1      3 Constantinople  true;
    0x1c SHR              0  2  1      3 Constantinople  true;
    0x1d SAR              0  2  1      3 Constantinople  true;
    0x1e CLZ              0  1  1      5 Osaka           true;
    0x20 KECCAK256        0  2  1     30 Frontier        true;
    0x30 ADDRESS          0  0  1      2 Frontier        true;
    0x31 BALANCE          0  1  1     20 Frontier        true;
    0x32 ORIGIN           0  0  1      2 Frontier        true;
    0x33 CALLER           0  0  1      2 Frontier        true;
    0x34 CALLVALUE        0  0  1      2 Frontier        true;
    0x35 CALLDATALOAD     0  1  1      3 Frontier        true;
    0x36 CALLDATASIZE     0  0  1      2 Frontier        true;
    0x37 CALLDATACOPY     0  3  0      3 Frontier        true;
    0x38 CODESIZE         0  0  1      2 Frontier        true;
    0x39 CODECOPY         0  3  0      3 Frontier        true;
    0x3a GASPRICE         0  0  1      2 Frontier        true;
    0x3b EXTCODESIZE      0  1  1     20 Frontier        true;
    0x3c EXTCODECOPY      0  4  0     20 Frontier        true;
    0x3d RETURNDATASIZE   0  0  1      2 Byzantium       true;
    0x3e RETURNDATACOPY   0  3  0      3 Byzantium       true;
    0x3f EXTCODEHASH      0  1  1    400 Constantinople  true;
    0x40 BLOCKHASH        0  1  1     20 Frontier        true;
    0x41 COINBASE         0  0  1      2 Frontier        true;
    0x42 TIMESTAMP        0  0  1      2 Frontier        true;
    0x43 NUMBER           0  0  1      2 Frontier        true;
    0x44 PREVRANDAO       0  0  1      2 Frontier        true;
    0x45 GASLIMIT         0  0  1      2 Frontier        true;
    0x46 CHAINID          0  0  1      2 Istanbul        true;
    0x47 SELFBALANCE      0  0  1      5 Istanbul        true;
    0x48 BASEFEE          0  0  1      2 London          true;
    0x49 BLOBHASH         0  1  1      3 Cancun          false;
    0x4a BLOBBASEFEE      0  0  1      2 Cancun          false;
    0x50 POP              0  1  0      2 Frontier        true;
    0x51 MLOAD            0  1  1      3 Frontier        true;
    0x52 MSTORE           0  2  0      3 Frontier        true;
    0x53 MSTORE8          0  2  0      3 Frontier        true;
    0x54 SLOAD            0  1  1     50 Frontier        true;
    0x55 SSTORE           0  2  0      0 Frontier        true;
    0x56 JUMP             0  1  0      8 Frontier        true;
    0x57 JUMPI            0  2  0     10 Frontier        true;
    0x58 PC               0  0  1      2 Frontier        true;
    0x59 MSIZE            0  0  1      2 Frontier        true;
    0x5a GAS              0  0  1      2 Frontier        true;
    0x5b JUMPDEST         0  0  0      1 Frontier        true;
    0x5c TLOAD            0  1  1    100 Cancun          true;
    0x5d TSTORE           0  2  0    100 Cancun          true;
    0x5e MCOPY            0  3  0      3 Cancun          true;
    0x5f PUSH0            0  0  1      2 Shanghai        true;
    0x60 PUSH1            1  0  1      3 Frontier        true;
    0x61 PUSH2            2  0  1      3 Frontier        true;
    0x62 PUSH3            3  0  1      3 Frontier        true;
    0x63 PUSH4            4  0  1      3 Frontier        true;
    0x64 PUSH5            5  0  1      3 Frontier        true;
    0x65 PUSH6            6  0  1      3 Frontier        true;
    0x66 PUSH7            7  0  1      3 Frontier        true;
    0x67 PUSH8            8  0  1      3 Frontier        true;
    0x68 PUSH9            9  0  1      3 Frontier        true;
    0x69 PUSH10          10  0  1      3 Frontier        true;
    0x6a PUSH11          11  0  1      3 Frontier        true;
    0x6b PUSH12          12  0  1      3 Frontier        true;
    0x6c PUSH13          13  0  1      3 Frontier        true;
    0x6d PUSH14          14  0  1      3 Frontier        true;
    0x6e PUSH15          15  0  1      3 Frontier        true;
    0x6f PUSH16          16  0  1      3 Frontier        true;
    0x70 PUSH17          17  0  1      3 Frontier        true;
    0x71 PUSH18          18  0  1      3 Frontier        true;
    0x72 PUSH19          19  0  1      3 Frontier        true;
    0x73 PUSH20          20  0  1      3 Frontier        true;
    0x74 PUSH21          21  0  1      3 Frontier        true;
    0x75 PUSH22          22  0  1      3 Frontier        true;
    0x76 PUSH23          23  0  1      3 Frontier        true;
    0x77 PUSH24          24  0  1      3 Frontier        true;
    0x78 PUSH25          25  0  1      3 Frontier        true;
    0x79 PUSH26          26  0  1      3 Frontier        true;
    0x7a PUSH27          27  0  1      3 Frontier        true;
    0x7b PUSH28          28  0  1      3 Frontier        true;
    0x7c PUSH29          29  0  1      3 Frontier        true;
    0x7d PUSH30          30  0  1      3 Frontier        true;
    0x7e PUSH31          31  0  1      3 Frontier        true;
    0x7f PUSH32          32  0  1      3 Frontier        true;
    0x80 DUP1             0  1  2      3 Frontier        true;
    0x81 DUP2             0  2  3      3 Frontier        true;
    0x82 DUP3             0  3  4      3 Frontier        true;
    0x83 DUP4             0  4  5      3 Frontier        true;
    0x84 DUP5             0  5  6      3 Frontier        true;
    0x85 DUP6             0  6  7      3 Frontier        true;
    0x86 DUP7             0  7  8      3 Frontier        true;
    0x87 DUP8             0  8  9      3 Frontier        true;
    0x88 DUP9             0  9 10      3 Frontier        true;
    0x89 DUP10            0 10 11      3 Frontier        true;
    0x8a DUP11            0 11 12      3 Frontier        true;
    0x8b DUP12            0 12 13      3 Frontier        true;
    0x8c DUP13            0 13 14      3 Frontier        true;
    0x8d DUP14            0 14 15      3 Frontier        true;
    0x8e DUP15            0 15 16      3 Frontier        true;
    0x8f DUP16            0 16 17      3 Frontier        true;
    0x90 SWAP1            0  2  2      3 Frontier        true;
    0x91 SWAP2            0  3  3      3 Frontier        true;
    0x92 SWAP3            0  4  4      3 Frontier        true;
    0x93 SWAP4            0  5  5      3 Frontier        true;
    0x94 SWAP5            0  6  6      3 Frontier        true;
    0x95 SWAP6            0  7  7      3 Frontier        true;
    0x96 SWAP7            0  8  8      3 Frontier        true;
    0x97 SWAP8            0  9  9      3 Frontier        true;
    0x98 SWAP9            0 10 10      3 Frontier        true;
    0x99 SWAP10           0 11 11      3 Frontier        true;
    0x9a SWAP11           0 12 12      3 Frontier        true;
    0x9b SWAP12           0 13 13      3 Frontier        true;
    0x9c SWAP13           0 14 14      3 Frontier        true;
    0x9d SWAP14           0 15 15      3 Frontier        true;
    0x9e SWAP15           0 16 16      3 Frontier        true;
    0x9f SWAP16           0 17 17      3 Frontier        true;
    0xa0 LOG0             0  2  0    375 Frontier        true;
    0xa1 LOG1             0  3  0    750 Frontier        true;
    0xa2 LOG2             0  4  0   1125 Frontier        true;
    0xa3 LOG3             0  5  0   1500 Frontier        true;
    0xa4 LOG4             0  6  0   1875 Frontier        true;
    0xf0 CREATE           0  3  1  32000 Frontier        true;
    0xf1 CALL             0  7  1     40 Frontier        true;
    0xf2 CALLCODE         0  7  1     40 Frontier        false;
    0xf3 RETURN           0  2  0      0 Frontier        true;
    0xf4 DELEGATECALL     0  6  1     40 Homestead       true;
    0xf5 CREATE2          0  4  1  32000 Constantinople  true;
    0xfa STATICCALL       0  6  1     40 Byzantium       true;
    0xfd REVERT           0  2  0      0 Byzantium       true;
    0xfe INVALID          0  0  0      0 Frontier        true;
    0xff SELFDESTRUCT     0  1  0      0 Frontier        true;
}

/// Price changes after an instruction's introduction, oldest first: opcode, fork, new constant part.
///
/// From Berlin on (EIP-2929) account and storage accesses are priced by warmth, which is dynamic.
const REPRICED: &[(u8, Fork, u16)] = &[
    // EIP-150.
    (BALANCE, Fork::TangerineWhistle, 400),
    (EXTCODESIZE, Fork::TangerineWhistle, 700),
    (EXTCODECOPY, Fork::TangerineWhistle, 700),
    (SLOAD, Fork::TangerineWhistle, 200),
    (CALL, Fork::TangerineWhistle, 700),
    (CALLCODE, Fork::TangerineWhistle, 700),
    (DELEGATECALL, Fork::TangerineWhistle, 700),
    (STATICCALL, Fork::TangerineWhistle, 700),
    // EIP-1884.
    (BALANCE, Fork::Istanbul, 700),
    (EXTCODEHASH, Fork::Istanbul, 700),
    (SLOAD, Fork::Istanbul, 800),
    // EIP-2929: the warm price; what a cold access adds is charged apart.
    (BALANCE, Fork::Berlin, 100),
    (EXTCODESIZE, Fork::Berlin, 100),
    (EXTCODECOPY, Fork::Berlin, 100),
    (EXTCODEHASH, Fork::Berlin, 100),
    (SLOAD, Fork::Berlin, 0),
    // From EIP-150 to here a part of what depends on the beneficiary.
    (SELFDESTRUCT, Fork::Berlin, 5000),
    (CALL, Fork::Berlin, 100),
    (CALLCODE, Fork::Berlin, 100),
    (DELEGATECALL, Fork::Berlin, 100),
    (STATICCALL, Fork::Berlin, 100),
];

/// Looks an instruction up in a const context.
#[must_use]
pub const fn instruction(op: u8) -> Option<Instruction> {
    TABLE[op as usize]
}

/// Constant part of an instruction's gas price under `fork`; `None` if the fork does not define it.
#[must_use]
pub const fn base_gas(op: u8, fork: Fork) -> Option<u16> {
    let Some(entry) = TABLE[op as usize] else {
        return None;
    };
    if !fork.has(entry.since) {
        return None;
    }
    let mut gas = entry.gas;
    let mut i = 0;
    while i < REPRICED.len() {
        let (code, since, price) = REPRICED[i];
        if code == op && fork.has(since) {
            gas = price;
        }
        i += 1;
    }
    Some(gas)
}

/// Number of immediate bytes that follow `op`: 1 to 32 for PUSH1 to PUSH32, else 0.
#[inline]
#[must_use]
pub const fn immediates(op: u8) -> usize {
    let n = op.wrapping_sub(PUSH1 - 1);
    if n >= 1 && n <= 32 { n as usize } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn immediates_agree_with_the_table() {
        for op in 0..=255u8 {
            let from_table = instruction(op).map_or(0, |entry| entry.immediates);
            assert_eq!(immediates(op), usize::from(from_table), "opcode {op:#04x}");
        }
    }

    #[test]
    fn prices_follow_their_forks() {
        assert_eq!(base_gas(SLOAD, Fork::Frontier), Some(50));
        assert_eq!(base_gas(SLOAD, Fork::SpuriousDragon), Some(200));
        assert_eq!(base_gas(SLOAD, Fork::Istanbul), Some(800));
        assert_eq!(base_gas(BALANCE, Fork::Osaka), Some(100));
        assert_eq!(base_gas(PUSH0, Fork::Paris), None);
        assert_eq!(base_gas(PUSH0, Fork::Shanghai), Some(2));
        assert_eq!(base_gas(CLZ, Fork::Prague), None);
        assert_eq!(base_gas(CLZ, Fork::Osaka), Some(5));
        assert_eq!(base_gas(0x0c, Fork::Osaka), None);
    }

    #[test]
    fn filecoin_lacks_callcode_and_blobs_only() {
        let absent: alloc::vec::Vec<_> = INSTRUCTIONS
            .iter()
            .flatten()
            .filter(|entry| !entry.filecoin)
            .map(|entry| entry.name)
            .collect();
        assert_eq!(absent, ["BLOBHASH", "BLOBBASEFEE", "CALLCODE"]);
    }
}
