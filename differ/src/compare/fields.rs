//! In what two steps differ.

use core::fmt;

use alloy_primitives::{B256, U256};

use crate::step::Step;

/// One difference between two steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Depth of the frame.
    Depth,
    /// Position in the code.
    Pc,
    /// Opcode.
    Op,
    /// Gas left.
    Gas,
    /// Gas of the instruction.
    Cost,
    /// Refund counter.
    Refund,
    /// Number of items on the stack.
    StackSize,
    /// An item, 0 being the bottom.
    Stack(usize),
    /// Size of memory.
    MemorySize,
    /// A word of memory, by its offset.
    Memory(usize),
    /// Return data of the last call.
    ReturnData,
    /// A slot that both list.
    Storage(B256),
    /// One failed and the other did not.
    Error,
}

impl Field {
    /// Whether it is about gas and nothing else.
    #[must_use]
    pub const fn is_gas(&self) -> bool {
        matches!(self, Self::Gas | Self::Cost | Self::Refund)
    }

    /// Whether the steps are not of the same instruction of the same frame.
    #[must_use]
    pub const fn is_place(&self) -> bool {
        matches!(self, Self::Depth | Self::Pc | Self::Op)
    }

    /// The two values, as text.
    #[must_use]
    pub fn values(&self, left: &Step, right: &Step) -> (String, String) {
        let of = |step: &Step| -> String {
            let number = |value: Option<u64>| value.map_or_else(|| "-".into(), |n| n.to_string());
            match self {
                Self::Depth => step.depth.to_string(),
                Self::Pc => step.pc.to_string(),
                Self::Op => step.name(),
                Self::Gas => number(step.gas),
                Self::Cost => number(step.cost),
                Self::Refund => number(step.refund),
                Self::StackSize => number(step.stack.as_ref().map(|stack| stack.len() as u64)),
                Self::Stack(at) => {
                    let word = step.stack.as_ref().and_then(|stack| stack.get(*at));
                    word.map_or_else(|| "-".into(), |word| format!("{word:#x}"))
                }
                Self::MemorySize => number(step.memory_size),
                Self::Memory(at) => {
                    let word = step.memory.as_ref().and_then(|memory| memory.get(*at..));
                    word.map_or_else(
                        || "-".into(),
                        |rest| {
                            alloy_primitives::hex::encode_prefixed(rest.get(..32).unwrap_or(rest))
                        },
                    )
                }
                Self::ReturnData => step
                    .return_data
                    .as_ref()
                    .map_or_else(|| "-".into(), alloy_primitives::hex::encode_prefixed),
                Self::Storage(slot) => {
                    let found = step.storage.iter().flatten().find(|(key, _)| key == slot);
                    found.map_or_else(|| "-".into(), |(_, value)| value.to_string())
                }
                Self::Error => step.error.clone().unwrap_or_else(|| "none".into()),
            }
        };
        (of(left), of(right))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Depth => f.write_str("depth"),
            Self::Pc => f.write_str("pc"),
            Self::Op => f.write_str("instruction"),
            Self::Gas => f.write_str("gas left"),
            Self::Cost => f.write_str("gas cost"),
            Self::Refund => f.write_str("refund"),
            Self::StackSize => f.write_str("stack size"),
            Self::Stack(at) => write!(f, "stack[{at}]"),
            Self::MemorySize => f.write_str("memory size"),
            Self::Memory(at) => write!(f, "memory[{at:#x}]"),
            Self::ReturnData => f.write_str("return data"),
            Self::Storage(slot) => write!(f, "slot {slot}"),
            Self::Error => f.write_str("failure"),
        }
    }
}

/// All differences between two steps. What only one of them shows is passed over.
#[must_use]
pub fn differences(left: &Step, right: &Step) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut note = |differs: bool, field: Field| {
        if differs {
            fields.push(field);
        }
    };
    note(left.depth != right.depth, Field::Depth);
    note(left.pc != right.pc, Field::Pc);
    note(left.op != right.op, Field::Op);
    note(differ(left.gas, right.gas), Field::Gas);
    note(differ(left.cost, right.cost), Field::Cost);
    note(differ(left.refund, right.refund), Field::Refund);
    note(left.error.is_some() != right.error.is_some(), Field::Error);
    if !fields.iter().any(Field::is_place) {
        contents(left, right, &mut fields);
    }
    fields
}

fn contents(left: &Step, right: &Step, fields: &mut Vec<Field>) {
    if let (Some(a), Some(b)) = (&left.stack, &right.stack) {
        if a.len() != b.len() {
            fields.push(Field::StackSize);
        }
        let unequal = |(at, (a, b)): (usize, (&U256, &U256))| (a != b).then_some(Field::Stack(at));
        fields.extend(a.iter().zip(b).enumerate().filter_map(unequal));
    }
    if differ(left.memory_size, right.memory_size) {
        fields.push(Field::MemorySize);
    }
    if let (Some(a), Some(b)) = (&left.memory, &right.memory) {
        let words = a.chunks(32).zip(b.chunks(32)).enumerate();
        fields.extend(words.filter_map(|(at, (a, b))| (a != b).then_some(Field::Memory(at * 32))));
    }
    if let (Some(a), Some(b)) = (&left.return_data, &right.return_data)
        && a != b
    {
        fields.push(Field::ReturnData);
    }
    if let (Some(a), Some(b)) = (&left.storage, &right.storage) {
        for (slot, value) in a {
            let other = b.iter().find(|(key, _)| key == slot);
            if other.is_some_and(|(_, other)| other != value) {
                fields.push(Field::Storage(*slot));
            }
        }
    }
}

const fn differ(left: Option<u64>, right: Option<u64>) -> bool {
    matches!((left, right), (Some(a), Some(b)) if a != b)
}
