//! CARv1: a header with roots, then blocks, each with its CID.

use cid::Cid;
use fvm_ipld_encoding::to_vec;
use multihash_codetable::{Code, MultihashDigest};

use crate::error::BundleError;

/// A block with the CID that its bytes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// CIDv1, blake2b-256.
    pub cid: Cid,
    /// The bytes.
    pub data: &'a [u8],
}

/// The CID of `data` with this codec: version 1, blake2b-256.
#[must_use]
pub fn cid_of(codec: u64, data: &[u8]) -> Cid {
    Cid::new_v1(codec, Code::Blake2b256.digest(data))
}

/// Writes a CARv1 file with one root.
#[must_use]
pub fn write<'a>(root: &Cid, blocks: impl IntoIterator<Item = Block<'a>>) -> Vec<u8> {
    let header = Header {
        roots: Some(vec![*root]),
        version: 1,
    };
    let header = to_vec(&header).expect("links and numbers have an encoding");
    let mut out = Vec::new();
    put_section(&mut out, &[&header]);
    for block in blocks {
        put_section(&mut out, &[&block.cid.to_bytes(), block.data]);
    }
    out
}

fn put_section(out: &mut Vec<u8>, parts: &[&[u8]]) {
    let len = parts.iter().map(|part| part.len() as u64).sum();
    out.extend_from_slice(unsigned_varint::encode::u64(len, &mut Default::default()));
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// Reads a CARv1 file: its roots and its blocks, whose bytes have been checked against their CIDs.
///
/// # Errors
/// Names what is wrong and where: truncation, a header that is no CARv1 header, blocks whose CID is
/// not version 1 with blake2b-256, or is not that of the bytes.
pub fn read(file: &[u8]) -> Result<(Vec<Cid>, Vec<Block<'_>>), BundleError> {
    let mut reader = Reader { file, at: 0 };
    let start = reader.at;
    let header = reader.section("header")?;
    let roots = read_header(header, start)?;

    let mut blocks = Vec::new();
    while reader.at < file.len() {
        let start = reader.at;
        let section = reader.section("block")?;
        let mut data = section;
        let cid = Cid::read_bytes(&mut data).map_err(|error| BundleError::Invalid {
            offset: start,
            reason: format!("block without a CID: {error}"),
        })?;
        let actual = cid_of(cid.codec(), data);
        if actual != cid {
            let offset = reader.at - data.len();
            return Err(if actual.hash().code() == cid.hash().code() {
                BundleError::Digest {
                    cid: cid.to_string(),
                    actual: actual.to_string(),
                    offset,
                }
            } else {
                BundleError::Invalid {
                    offset: start,
                    reason: format!("block {cid} is not hashed by blake2b-256"),
                }
            });
        }
        blocks.push(Block { cid, data });
    }
    Ok((roots, blocks))
}

struct Reader<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A length and as many bytes.
    fn section(&mut self, what: &'static str) -> Result<&'a [u8], BundleError> {
        let offset = self.at;
        let rest = &self.file[offset..];
        let (len, body) = unsigned_varint::decode::u64(rest).map_err(|error| match error {
            unsigned_varint::decode::Error::Insufficient => BundleError::Truncated {
                what: "length",
                offset,
                needed: rest.len() as u64 + 1,
                left: rest.len(),
            },
            error => BundleError::Invalid {
                offset,
                reason: format!("length of {what}: {error}"),
            },
        })?;
        let section = usize::try_from(len)
            .ok()
            .and_then(|len| body.get(..len))
            .ok_or(BundleError::Truncated {
                what,
                offset,
                needed: len,
                left: body.len(),
            })?;
        self.at = self.file.len() - body.len() + section.len();
        Ok(section)
    }
}

/// The roots in a header `{"roots": [..], "version": 1}`. Roots may be absent so that the header of
/// a CARv2 file, which has none, is refused for its version.
fn read_header(header: &[u8], offset: usize) -> Result<Vec<Cid>, BundleError> {
    let invalid = |reason: String| BundleError::Invalid { offset, reason };
    let Header { roots, version } = fvm_ipld_encoding::from_slice(header)
        .map_err(|error| invalid(format!("no CAR header: {error}")))?;
    if version != 1 {
        return Err(BundleError::CarVersion(version));
    }
    roots.ok_or_else(|| invalid("CAR header without roots".to_owned()))
}

#[derive(serde::Deserialize, serde::Serialize)]
struct Header {
    roots: Option<Vec<Cid>>,
    version: u64,
}
