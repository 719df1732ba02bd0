//! The trie of contract storage: a KAMT from 256-bit words to words.
//!
//! A KAMT ("keyed AMT") is a radix tree over the raw 32 bytes of a key, five bits a level, that
//! skips levels without a choice by extensions on its links. Its shape depends on its content alone,
//! so equal content gives an equal root CID: those of Filecoin's EVM actor (bit width 5, data from
//! the root on, one pair a bucket).
//!
//! Shaped for the FVM, where a block costs far more than any computing on it: nothing is read
//! before a key asks for it; a block is indexed, not decoded; a changed node is written once a
//! flush, by copying what did not change; and a node that is back at content it had before is not
//! written at all.
//!
//! | module | what it holds |
//! |---|---|
//! | [`kamt`] | the tree: [`Kamt`] |
//! | [`blocks`] | where blocks come from: the trait [`Blocks`] |
//! | `node` | one block and its children |
//! | `path` | digits of keys, extensions |
//! | `walk` | visiting every pair |

pub mod blocks;
pub mod kamt;
mod node;
mod path;
mod walk;

pub use blocks::{Blocks, Error};
pub use kamt::{EMPTY_ROOT, Kamt};
