//! What the tracing actor reports, and the syscall of the machine that must not see the headroom.

use fvm::kernel::Result;
use fvm::syscalls::{Context, Linker};

use super::event::StepHalt;
use super::kernel::StepKernel;
use super::operation::Operation;

/// A step as it lies in the instance's memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct RawStep<'a> {
    pub(super) pc: u32,
    pub(super) op: u8,
    /// Words of four little-endian limbs, the lowest first.
    pub(super) stack: &'a [[u8; 32]],
    pub(super) memory: &'a [u8],
    pub(super) return_data: &'a [u8],
}

/// Module of the tracing actor's syscalls.
const MODULE: &str = "fevm";

pub(super) fn link(linker: &mut Linker<StepKernel>) -> anyhow::Result<()> {
    linker.link_syscall(MODULE, "begin", begin)?;
    linker.link_syscall(MODULE, "step", step)?;
    linker.link_syscall(MODULE, "halt", halt)?;
    linker.link_syscall("gas", "available", gas_available)?;
    Ok(())
}

/// A frame begins to run code.
fn begin(context: Context<'_, StepKernel>, code: u32, length: u32) -> Result<()> {
    context.memory.check_bounds(code, length)?;
    context.kernel.recorder().begin(length as usize);
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn step(
    context: Context<'_, StepKernel>,
    pc: u32,
    op: u32,
    stack: u32,
    items: u32,
    memory: u32,
    size: u32,
    returned: u32,
    returned_length: u32,
) -> Result<()> {
    let step = RawStep {
        pc,
        op: op as u8,
        stack: context.memory.try_chunks(stack, items.saturating_mul(32))?,
        memory: context.memory.try_slice(memory, size)?,
        return_data: context.memory.try_slice(returned, returned_length)?,
    };
    context.kernel.step(&step)
}

fn halt(context: Context<'_, StepKernel>, code: u32) -> Result<()> {
    context.kernel.recorder().halt(StepHalt::from_code(code));
    Ok(())
}

fn gas_available(context: Context<'_, StepKernel>) -> Result<u64> {
    context.kernel.operate(Operation::GasAvailable)?;
    Ok(context.kernel.gas_left().round_down())
}
