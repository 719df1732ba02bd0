//! Stacks and memories that frames have left, for the next ones on the same thread: the system hands
//! out fresh pages slowly.

use evm_interpreter::memory::Memory;
use evm_interpreter::stack::Stack;
use std::cell::RefCell;

/// What frames leave.
pub(super) type Spare = Vec<(Stack, Memory)>;

/// Room of memories that a thread keeps, bytes.
const MOST: usize = 64 << 20;

thread_local! {
    static KEPT: RefCell<Spare> = const { RefCell::new(Vec::new()) };
}

/// What the thread keeps.
pub(super) fn take() -> Spare {
    KEPT.take()
}

/// Keeps it for the next transaction.
pub(super) fn keep(mut spare: Spare) {
    let mut room = 0;
    // The first frames have left the last ones: they are the likeliest to be wanted.
    for (_, memory) in spare.iter_mut().rev() {
        room += memory.room();
        if room > MOST {
            room -= memory.room();
            *memory = Memory::new();
        }
    }
    KEPT.set(spare);
}
