//! CBOR, right and wrong: values that may be encoded in more ways than one, and damage to bytes.

use super::rng::Rng;

/// A value to encode.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Uint(u64),
    Bytes(Vec<u8>),
    Text(&'static str),
    Array(Vec<Self>),
    /// A link: tag 42 on the CID's bytes behind a zero.
    Link(Vec<u8>),
    Null,
    Bool(bool),
}

impl Value {
    pub(crate) fn bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes(bytes.into())
    }

    /// The usual encoding.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out, None);
        out
    }

    /// An encoding with odd heads here and there: longer than needed, of another major type,
    /// indefinite.
    pub(crate) fn encode_oddly(&self, rng: &mut Rng) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out, Some(rng));
        out
    }

    fn write(&self, out: &mut Vec<u8>, mut rng: Option<&mut Rng>) {
        match self {
            Self::Uint(n) => head(out, 0, *n, rng),
            Self::Bytes(bytes) => {
                if let Some(rng) = rng.as_deref_mut()
                    && rng.chance(8)
                {
                    out.push(if rng.chance(80) { 0x5f } else { 0x1f });
                    let (left, right) = bytes.split_at(rng.below(bytes.len() + 1));
                    for part in [left, right] {
                        head(out, 2, part.len() as u64, Some(&mut *rng));
                        out.extend_from_slice(part);
                    }
                    out.push(0xff);
                    return;
                }
                head(out, 2, bytes.len() as u64, rng);
                out.extend_from_slice(bytes);
            }
            Self::Text(text) => {
                head(out, 3, text.len() as u64, rng);
                out.extend_from_slice(text.as_bytes());
            }
            Self::Array(items) => {
                let indefinite = rng.as_deref_mut().is_some_and(|rng| rng.chance(4));
                if indefinite {
                    out.push(0x9f);
                } else {
                    head(out, 4, items.len() as u64, rng.as_deref_mut());
                }
                for item in items {
                    item.write(out, rng.as_deref_mut());
                }
                if indefinite {
                    out.push(0xff);
                }
            }
            Self::Link(cid) => {
                head(out, 6, 42, rng.as_deref_mut());
                head(out, 2, cid.len() as u64 + 1, rng);
                out.push(0);
                out.extend_from_slice(cid);
            }
            Self::Null => out.push(0xf6),
            Self::Bool(value) => out.push(0xf4 + u8::from(*value)),
        }
    }

    /// Any value.
    pub(crate) fn random(rng: &mut Rng, depth: usize) -> Self {
        match rng.below(if depth == 0 { 6 } else { 7 }) {
            0 => Self::Uint(rng.number()),
            1 | 2 => {
                let len = rng.length(300);
                Self::Bytes(rng.bytes(len))
            }
            3 => Self::Text("text"),
            4 => Self::Null,
            5 => match rng.chance(50) {
                true => Self::Bool(rng.chance(50)),
                false => Self::Link(rng.bytes(38)),
            },
            _ => {
                let items = rng.below(7);
                Self::Array((0..items).map(|_| Self::random(rng, depth - 1)).collect())
            }
        }
    }

    /// The same with some part replaced, added or taken away.
    pub(crate) fn mutated(mut self, rng: &mut Rng) -> Self {
        match &mut self {
            Self::Array(items) if !rng.chance(15) => {
                match rng.below(6) {
                    0 => items.push(Self::random(rng, 1)),
                    1 => drop(items.pop()),
                    _ if items.is_empty() => {}
                    2 => {
                        let (a, b) = (rng.below(items.len()), rng.below(items.len()));
                        items.swap(a, b);
                    }
                    _ => {
                        let at = rng.below(items.len());
                        let item = std::mem::replace(&mut items[at], Self::Null);
                        items[at] = item.mutated(rng);
                    }
                }
                self
            }
            Self::Bytes(bytes) if !rng.chance(20) => {
                match rng.below(4) {
                    0 => bytes.push(rng.next() as u8),
                    1 => drop(bytes.pop()),
                    2 => {
                        let len = rng.length(80);
                        *bytes = rng.bytes(len);
                    }
                    _ => damage(bytes, rng),
                }
                self
            }
            Self::Uint(n) if !rng.chance(20) => {
                *n = rng.number();
                self
            }
            _ => Self::random(rng, 2),
        }
    }
}

fn head(out: &mut Vec<u8>, major: u8, number: u64, rng: Option<&mut Rng>) {
    let mut major = major;
    let mut width = match number {
        0..24 => 0,
        24..0x100 => 1,
        0x100..0x1_0000 => 2,
        0x1_0000..0x1_0000_0000 => 4,
        _ => 8,
    };
    if let Some(rng) = rng {
        if rng.chance(4) {
            major = rng.below(8) as u8;
        } else if rng.chance(6) {
            major = 0;
        }
        if rng.chance(8) {
            width = *rng.pick(&[1, 2, 4, 8].map(|w| if w < width { width } else { w }));
        }
    }
    let first = major << 5;
    match width {
        0 => out.push(first | number as u8),
        1 => out.extend([first | 24, number as u8]),
        2 => {
            out.push(first | 25);
            out.extend((number as u16).to_be_bytes());
        }
        4 => {
            out.push(first | 26);
            out.extend((number as u32).to_be_bytes());
        }
        _ => {
            out.push(first | 27);
            out.extend(number.to_be_bytes());
        }
    }
}

/// Changes a few bytes, cuts, repeats or adds some.
pub(crate) fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..=rng.below(3) {
        if bytes.is_empty() {
            bytes.push(rng.next() as u8);
            continue;
        }
        let at = rng.below(bytes.len());
        match rng.below(8) {
            0 => bytes.truncate(at),
            1 => {
                let len = 1 + rng.below(9);
                let more = rng.bytes(len);
                bytes.splice(at..at, more);
            }
            2 => drop(bytes.remove(at)),
            3 => bytes[at] ^= 1 << rng.below(8),
            // Heads that announce more than there is.
            4 => bytes[at] = *rng.pick(&[0x1b, 0x3b, 0x5b, 0x7b, 0x9b, 0xbb, 0xdb, 0x5f, 0x9f]),
            5 => bytes[at] = 0xff,
            _ => bytes[at] = rng.next() as u8,
        }
    }
}
