//! Visiting every pair, for tools outside the machine.

use crate::blocks::{Blocks, Error};
use crate::kamt::{Kamt, load};
use crate::node::{Node, Pointer, Slot};
use core::ops::ControlFlow;
use primitive_types::U256;

impl Kamt {
    /// Visits pairs in order of their keys until `visit` breaks off.
    pub fn for_each<B: Blocks>(
        &mut self,
        blocks: &mut B,
        mut visit: impl FnMut(U256, U256) -> ControlFlow<()>,
    ) -> Result<(), Error<B::Error>> {
        let root = self.open(blocks)?;
        walk(root, 0, blocks, &mut visit).map(|_| ())
    }
}

fn walk<B: Blocks>(
    node: &Node,
    depth: u32,
    blocks: &mut B,
    visit: &mut impl FnMut(U256, U256) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Error<B::Error>> {
    // Each level consumes a digit, so a cycle of links cannot go on for ever.
    if depth > 51 {
        return Err(Error::Malformed("a link below the last digit"));
    }
    for slot in node.pointers() {
        let flow = match slot {
            Slot::Pair(pair) => visit(pair.key, pair.value),
            Slot::Child(child) => walk(&child.node, depth + 1, blocks, visit)?,
            Slot::Link(link) => {
                let child = load(blocks, link.0, link.1)?;
                walk(&child.node, depth + 1, blocks, visit)?
            }
            Slot::Raw { start, end } => {
                match node.decode_slot(*start, *end).map_err(Error::Malformed)? {
                    Pointer::Pair(pair) => visit(pair.key, pair.value),
                    Pointer::Link(cid, extension) => {
                        let child = load(blocks, cid, extension)?;
                        walk(&child.node, depth + 1, blocks, visit)?
                    }
                }
            }
        };
        if flow.is_break() {
            return Ok(flow);
        }
    }
    Ok(ControlFlow::Continue(()))
}
