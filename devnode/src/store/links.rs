//! Links between blocks: what a state consists of.

use std::io::Cursor;

use cid::Cid;
use fvm_ipld_encoding::DAG_CBOR;

/// CBOR's tag for a CID.
const CID_TAG: u64 = 42;
/// Codecs of what storage providers commit to: no block has such a CID.
const COMMITMENTS: [u64; 2] = [0xf101, 0xf102];
/// Multihash code of data that is its own hash.
const IDENTITY_HASH: u64 = 0;

/// A block that is not the DAG-CBOR that its CID says.
#[derive(Debug, thiserror::Error)]
#[error("block {cid} is not DAG-CBOR: {reason} at byte {at}")]
pub(super) struct MalformedBlock {
    cid: Cid,
    reason: &'static str,
    at: u64,
}

/// The CIDs in a block, in their order. Blocks of other kinds than DAG-CBOR have none.
pub(super) fn links(cid: &Cid, data: &[u8]) -> Result<Vec<Cid>, MalformedBlock> {
    let mut links = Vec::new();
    if cid.codec() != DAG_CBOR {
        return Ok(links);
    }
    let mut reader = Cursor::new(data);
    collect(&mut reader, &mut links).map_err(|reason| MalformedBlock {
        cid: *cid,
        reason,
        at: reader.position(),
    })?;
    links
        .retain(|link| link.hash().code() != IDENTITY_HASH && !COMMITMENTS.contains(&link.codec()));
    Ok(links)
}

/// Reads one item with all that it contains. The items still to come are a count, so depth costs nothing.
fn collect(reader: &mut Cursor<&[u8]>, links: &mut Vec<Cid>) -> Result<(), &'static str> {
    let mut left = 1_u64;
    while left > 0 {
        left -= 1;
        let (major, argument) = head(reader)?;
        match major {
            0 | 1 | 7 => {}
            2 | 3 => drop(bytes(reader, argument)?),
            4 => left = left.saturating_add(argument),
            5 => left = left.saturating_add(argument.saturating_mul(2)),
            6 if argument == CID_TAG => {
                let (2, length) = head(reader)? else {
                    return Err("a link that is no byte string");
                };
                // The byte before the CID says that it is in binary.
                let Some((0, cid)) = bytes(reader, length)?.split_first() else {
                    return Err("a link without its prefix");
                };
                links.push(Cid::try_from(cid).map_err(|_| "a link that is no CID")?);
            }
            _ => left += 1,
        }
    }
    Ok(())
}

/// Major type and argument of an item.
fn head(reader: &mut Cursor<&[u8]>) -> Result<(u8, u64), &'static str> {
    let [first] = *bytes(reader, 1)? else {
        return Err("no item");
    };
    let (major, low) = (first >> 5, first & 0x1f);
    let argument = match low {
        0..=23 => u64::from(low),
        24..=27 => bytes(reader, 1 << (low - 24))?
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte)),
        _ => return Err("an item of unknown length"),
    };
    Ok((major, argument))
}

fn bytes<'a>(reader: &mut Cursor<&'a [u8]>, count: u64) -> Result<&'a [u8], &'static str> {
    let (start, data) = (reader.position(), *reader.get_ref());
    let end = start.checked_add(count).ok_or("a length without end")?;
    let (from, to) = (
        usize::try_from(start).unwrap_or(usize::MAX),
        usize::try_from(end).unwrap_or(usize::MAX),
    );
    let found = data.get(from..to).ok_or("an early end")?;
    reader.set_position(end);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fvm_ipld_encoding::to_vec;
    use multihash_codetable::{Code, MultihashDigest};

    fn cid(codec: u64, data: &[u8]) -> Cid {
        Cid::new_v1(codec, Code::Blake2b256.digest(data))
    }

    #[test]
    fn links_are_found_at_every_depth_and_in_raw_blocks_are_none() {
        let (one, two, three) = (cid(DAG_CBOR, b"1"), cid(0x55, b"2"), cid(DAG_CBOR, b"3"));
        let map = std::collections::BTreeMap::from([
            ("a".to_owned(), (one, vec![(two, u64::MAX)])),
            ("b".to_owned(), (three, vec![])),
        ]);
        let data = to_vec(&(
            map,
            -7_i64,
            "text",
            true,
            Option::<u8>::None,
            vec![vec![three]],
        ))
        .unwrap();
        assert_eq!(
            links(&cid(DAG_CBOR, &data), &data).unwrap(),
            [one, two, three, three]
        );
        assert!(links(&cid(0x55, &data), &data).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_cbor_is_told() {
        let good = to_vec(&vec![cid(0x55, b"2")]).unwrap();
        for bad in [
            &[][..],
            &[0x82, 1],
            &[0xd8, 42, 1],
            &[0xd8, 42, 0x41, 1],
            &[0x9f],
            &[0x5b, 255, 255, 255, 255, 255, 255, 255, 255],
            &good[..10],
        ] {
            let error = links(&cid(DAG_CBOR, bad), bad).unwrap_err().to_string();
            assert!(error.contains("is not DAG-CBOR"), "{error}");
        }
    }
}
