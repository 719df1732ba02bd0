//! The instructions by family, and the `match` that leads to them.
//!
//! Every instruction is a function of registers and frame, inlined into the loop. Functions with
//! heavy bodies take the registers they need by value, so that the loop's own stay in machine
//! registers.

mod arithmetic;
mod call;
mod control;
mod create;
mod data;
mod environment;
mod fused;
mod memory;
mod stack;
mod storage;

pub(crate) use environment::Constants;

use crate::halt::Halt;
use crate::host::Host;
use crate::inspector::Inspector;
use crate::interpreter::{Frame, Registers};
use crate::metering::Metering;
use crate::opcode;

/// Goes on, or ends the frame.
pub(crate) type Flow = Result<(), Halt>;

/// Turns a fault of the host into the frame's end.
impl From<crate::host::Fault> for Halt {
    #[inline(always)]
    fn from(_: crate::host::Fault) -> Self {
        Self::Fault
    }
}

/// The end that an arm reaches without a condition. Not inlined: the dispatch itself would load its
/// value before every instruction.
#[cold]
#[inline(never)]
pub(crate) const fn immediate(halt: Halt) -> Halt {
    core::hint::black_box(halt)
}

/// Writes the `match` over opcodes; each arm checks and charges by the table, then executes. Every
/// arm leaves for the next round or for the end by itself: no common place behind them asks again
/// how they fared. One that `moves` sets the position itself.
macro_rules! instructions {
    (@advance $registers:expr, $name:ident) => {
        $registers.advance::<{ opcode::$name }>()
    };
    (@advance $registers:expr, $name:ident moves) => {};
    ($op:expr, $registers:expr, $frame:expr, next $next:lifetime, end $end:lifetime; $($name:ident $($moves:ident)? => $execute:expr $(, or first $fused:expr)? $(, later $find:expr, as $waiting:ident at $label:lifetime)?;)*) => {
        match $op {
            $(
                opcode::$name => {
                    $(
                        if fused::enabled::<H>() {
                            match $fused($registers, $frame) {
                                Ok(true) => continue $next,
                                Ok(false) => {}
                                Err(halt) => break $end halt,
                            }
                        }
                    )?
                    if let Err(halt) = $registers.begin::<{ opcode::$name }>() {
                        break $end halt;
                    }
                    $(
                        if fused::enabled::<H>() {
                            $waiting = $find($registers);
                            // To the byte before the next instruction.
                            $registers.skip(opcode::immediates(opcode::$name));
                            break $label;
                        }
                    )?
                    if let Err(halt) = $execute($registers, $frame) {
                        break $end halt;
                    }
                    instructions!(@advance $registers, $name $($moves)?);
                    if H::Inspector::ENABLED {
                        $frame
                            .host
                            .inspector()
                            .charged($registers.meter.gas_left(), $registers.meter.refund());
                    }
                    continue $next;
                }
            )*
            // No `_` and no range: a `match` that is known to be complete is dispatched without a check.
            0x0c | 0x0d | 0x0e | 0x0f | 0x1f | 0x21 | 0x22 | 0x23 | 0x24 | 0x25 | 0x26 | 0x27 | 0x28 | 0x29 | 0x2a | 0x2b | 0x2c | 0x2d | 0x2e | 0x2f | 0x4b | 0x4c | 0x4d | 0x4e | 0x4f | 0xa5 | 0xa6 | 0xa7 | 0xa8 | 0xa9 | 0xaa | 0xab | 0xac | 0xad | 0xae | 0xaf | 0xb0 | 0xb1 | 0xb2 | 0xb3 | 0xb4 | 0xb5 | 0xb6 | 0xb7 | 0xb8 | 0xb9 | 0xba | 0xbb | 0xbc | 0xbd | 0xbe | 0xbf | 0xc0 | 0xc1 | 0xc2 | 0xc3 | 0xc4 | 0xc5 | 0xc6 | 0xc7 | 0xc8 | 0xc9 | 0xca | 0xcb | 0xcc | 0xcd | 0xce | 0xcf | 0xd0 | 0xd1 | 0xd2 | 0xd3 | 0xd4 | 0xd5 | 0xd6 | 0xd7 | 0xd8 | 0xd9 | 0xda | 0xdb | 0xdc | 0xdd | 0xde | 0xdf | 0xe0 | 0xe1 | 0xe2 | 0xe3 | 0xe4 | 0xe5 | 0xe6 | 0xe7 | 0xe8 | 0xe9 | 0xea | 0xeb | 0xec | 0xed | 0xee | 0xef | 0xf6 | 0xf7 | 0xf8 | 0xf9 | 0xfb | 0xfc => break $end immediate(Halt::UndefinedInstruction),
        }
    };
}

/// Executes instructions until the frame ends.
#[inline(always)]
pub(crate) fn execute<H: Host, M: Metering>(
    registers: &mut Registers<'_, M>,
    frame: &mut Frame<'_, H>,
) -> Halt {
    'frame: loop {
        let op = registers.opcode();
        if H::Inspector::ENABLED {
            frame.report_step(registers, op);
        }
        let item;
        let number;
        'number: {
            'item: {
                instructions! { op, registers, frame, next 'frame, end 'frame;
                    STOP => control::stop;
                    ADD => arithmetic::add;
                    MUL => arithmetic::mul;
                    SUB => arithmetic::sub;
                    DIV => arithmetic::div;
                    SDIV => arithmetic::sdiv;
                    MOD => arithmetic::rem;
                    SMOD => arithmetic::smod;
                    ADDMOD => arithmetic::addmod;
                    MULMOD => arithmetic::mulmod;
                    EXP => arithmetic::exp;
                    SIGNEXTEND => arithmetic::signextend;

                    LT moves => arithmetic::lt;
                    GT moves => arithmetic::gt;
                    SLT moves => arithmetic::slt;
                    SGT moves => arithmetic::sgt;
                    EQ moves => arithmetic::eq;
                    ISZERO => arithmetic::iszero, or first fused::iszero;
                    AND => arithmetic::and;
                    OR => arithmetic::or;
                    XOR => arithmetic::xor;
                    NOT => arithmetic::not;
                    BYTE => arithmetic::byte;
                    SHL => arithmetic::shl;
                    SHR => arithmetic::shr;
                    SAR => arithmetic::sar;
                    CLZ => arithmetic::clz;

                    KECCAK256 => memory::keccak256;

                    ADDRESS => environment::address;
                    BALANCE => environment::balance;
                    ORIGIN => environment::origin;
                    CALLER => environment::caller;
                    CALLVALUE => environment::callvalue;
                    CALLDATALOAD => data::calldataload;
                    CALLDATASIZE => data::calldatasize;
                    CALLDATACOPY => data::calldatacopy;
                    CODESIZE => data::codesize;
                    CODECOPY => data::codecopy;
                    GASPRICE => environment::gasprice;
                    EXTCODESIZE => environment::extcodesize;
                    EXTCODECOPY => data::extcodecopy;
                    RETURNDATASIZE => data::returndatasize;
                    RETURNDATACOPY => data::returndatacopy;
                    EXTCODEHASH => environment::extcodehash;

                    BLOCKHASH => environment::blockhash;
                    COINBASE => environment::coinbase;
                    TIMESTAMP => environment::timestamp;
                    NUMBER => environment::number;
                    PREVRANDAO => environment::prevrandao;
                    GASLIMIT => environment::gaslimit;
                    CHAINID => environment::chainid;
                    SELFBALANCE => environment::selfbalance;
                    BASEFEE => environment::basefee;
                    BLOBHASH => environment::blobhash;
                    BLOBBASEFEE => environment::blobbasefee;

                    POP => stack::pop;
                    MLOAD => memory::mload;
                    MSTORE => memory::mstore;
                    MSTORE8 => memory::mstore8;
                    SLOAD => storage::sload;
                    SSTORE => storage::sstore;
                    JUMP moves => control::jump;
                    JUMPI moves => control::jumpi;
                    PC => control::pc;
                    MSIZE => memory::msize;
                    GAS => control::gas;
                    JUMPDEST => control::jumpdest;
                    TLOAD => storage::tload;
                    TSTORE => storage::tstore;
                    MCOPY => memory::mcopy;

                    PUSH0 => stack::push0, later Registers::number::<0>, as number at 'number;
                    PUSH1 => stack::push1, later Registers::number::<1>, as number at 'number;
                    PUSH2 => stack::push2, later Registers::number::<2>, as number at 'number;
                    PUSH3 => stack::push::<3, _, _>, later Registers::number::<3>, as number at 'number;
                    PUSH4 => stack::push::<4, _, _>, later Registers::number::<4>, as number at 'number;
                    PUSH5 => stack::push::<5, _, _>, later Registers::number::<5>, as number at 'number;
                    PUSH6 => stack::push::<6, _, _>, later Registers::number::<6>, as number at 'number;
                    PUSH7 => stack::push::<7, _, _>, later Registers::number::<7>, as number at 'number;
                    PUSH8 => stack::push::<8, _, _>, later Registers::number::<8>, as number at 'number;
                    PUSH9 => stack::push::<9, _, _>;
                    PUSH10 => stack::push::<10, _, _>;
                    PUSH11 => stack::push::<11, _, _>;
                    PUSH12 => stack::push::<12, _, _>;
                    PUSH13 => stack::push::<13, _, _>;
                    PUSH14 => stack::push::<14, _, _>;
                    PUSH15 => stack::push::<15, _, _>;
                    PUSH16 => stack::push::<16, _, _>;
                    PUSH17 => stack::push::<17, _, _>;
                    PUSH18 => stack::push::<18, _, _>;
                    PUSH19 => stack::push::<19, _, _>;
                    PUSH20 => stack::push::<20, _, _>;
                    PUSH21 => stack::push::<21, _, _>;
                    PUSH22 => stack::push::<22, _, _>;
                    PUSH23 => stack::push::<23, _, _>;
                    PUSH24 => stack::push::<24, _, _>;
                    PUSH25 => stack::push::<25, _, _>;
                    PUSH26 => stack::push::<26, _, _>;
                    PUSH27 => stack::push::<27, _, _>;
                    PUSH28 => stack::push::<28, _, _>;
                    PUSH29 => stack::push::<29, _, _>;
                    PUSH30 => stack::push::<30, _, _>;
                    PUSH31 => stack::push::<31, _, _>;
                    PUSH32 => stack::push::<32, _, _>;

                    DUP1 => stack::dup::<0, _, _>;
                    DUP2 => stack::dup::<1, _, _>, later Registers::item::<1>, as item at 'item;
                    DUP3 => stack::dup::<2, _, _>, later Registers::item::<2>, as item at 'item;
                    DUP4 => stack::dup::<3, _, _>, later Registers::item::<3>, as item at 'item;
                    DUP5 => stack::dup::<4, _, _>, later Registers::item::<4>, as item at 'item;
                    DUP6 => stack::dup::<5, _, _>, later Registers::item::<5>, as item at 'item;
                    DUP7 => stack::dup::<6, _, _>, later Registers::item::<6>, as item at 'item;
                    DUP8 => stack::dup::<7, _, _>, later Registers::item::<7>, as item at 'item;
                    DUP9 => stack::dup::<8, _, _>, later Registers::item::<8>, as item at 'item;
                    DUP10 => stack::dup::<9, _, _>, later Registers::item::<9>, as item at 'item;
                    DUP11 => stack::dup::<10, _, _>, later Registers::item::<10>, as item at 'item;
                    DUP12 => stack::dup::<11, _, _>, later Registers::item::<11>, as item at 'item;
                    DUP13 => stack::dup::<12, _, _>, later Registers::item::<12>, as item at 'item;
                    DUP14 => stack::dup::<13, _, _>, later Registers::item::<13>, as item at 'item;
                    DUP15 => stack::dup::<14, _, _>, later Registers::item::<14>, as item at 'item;
                    DUP16 => stack::dup::<15, _, _>, later Registers::item::<15>, as item at 'item;

                    SWAP1 => stack::swap::<1, _, _>, or first fused::swap::<1, _, _>;
                    SWAP2 => stack::swap::<2, _, _>, or first fused::swap::<2, _, _>;
                    SWAP3 => stack::swap::<3, _, _>, or first fused::swap::<3, _, _>;
                    SWAP4 => stack::swap::<4, _, _>, or first fused::swap::<4, _, _>;
                    SWAP5 => stack::swap::<5, _, _>, or first fused::swap::<5, _, _>;
                    SWAP6 => stack::swap::<6, _, _>, or first fused::swap::<6, _, _>;
                    SWAP7 => stack::swap::<7, _, _>, or first fused::swap::<7, _, _>;
                    SWAP8 => stack::swap::<8, _, _>, or first fused::swap::<8, _, _>;
                    SWAP9 => stack::swap::<9, _, _>, or first fused::swap::<9, _, _>;
                    SWAP10 => stack::swap::<10, _, _>, or first fused::swap::<10, _, _>;
                    SWAP11 => stack::swap::<11, _, _>, or first fused::swap::<11, _, _>;
                    SWAP12 => stack::swap::<12, _, _>, or first fused::swap::<12, _, _>;
                    SWAP13 => stack::swap::<13, _, _>, or first fused::swap::<13, _, _>;
                    SWAP14 => stack::swap::<14, _, _>, or first fused::swap::<14, _, _>;
                    SWAP15 => stack::swap::<15, _, _>, or first fused::swap::<15, _, _>;
                    SWAP16 => stack::swap::<16, _, _>, or first fused::swap::<16, _, _>;

                    LOG0 => storage::log::<0, _, _>;
                    LOG1 => storage::log::<1, _, _>;
                    LOG2 => storage::log::<2, _, _>;
                    LOG3 => storage::log::<3, _, _>;
                    LOG4 => storage::log::<4, _, _>;

                    CREATE => create::create;
                    CALL => call::call;
                    CALLCODE => call::callcode;
                    RETURN => control::ret;
                    DELEGATECALL => call::delegatecall;
                    CREATE2 => create::create2;
                    STATICCALL => call::staticcall;
                    REVERT => control::revert;
                    INVALID => control::invalid;
                    SELFDESTRUCT => control::selfdestruct;
                }
            }
            match fused::operand::take(registers, frame, item) {
                Ok(()) => continue 'frame,
                Err(halt) => break 'frame halt,
            }
        }
        match fused::number::take(registers, frame, number) {
            Ok(()) => continue 'frame,
            Err(halt) => break 'frame halt,
        }
    }
}
