//! Actor bundles: CAR files whose root names the actors and links their code.
//!
//! The root block is DAG-CBOR `[1, CID of manifest data]`; the data is a list
//! of `[name, code CID]`. An entry's position, from 1, is the actor type that
//! syscalls answer, so the order is part of the interface.

use std::collections::BTreeMap;

use cid::Cid;
use fvm_ipld_blockstore::Blockstore;
use fvm_ipld_encoding::from_slice;
use multihash_codetable::{Code, MultihashDigest};

use crate::error::MachineError;
use crate::store::Store;

/// The 16 actors of a mainnet manifest, in its order.
pub const ACTOR_NAMES: [&str; 16] = [
    "system",
    "init",
    "cron",
    "account",
    "storagepower",
    "storageminer",
    "storagemarket",
    "paymentchannel",
    "multisig",
    "reward",
    "verifiedregistry",
    "datacap",
    "placeholder",
    "evm",
    "eam",
    "ethaccount",
];

/// A bundle in memory, its blocks checked against their CIDs.
#[derive(Debug, Clone)]
pub struct Bundle {
    root: Cid,
    manifest_data: Cid,
    actors: Vec<(String, Cid)>,
    blocks: BTreeMap<Cid, Vec<u8>>,
}

#[derive(serde::Deserialize)]
struct CarHeader {
    roots: Vec<Cid>,
    version: u64,
}

impl Bundle {
    /// Reads a bundle from the bytes of a CARv1 file. The error names what is
    /// wrong and at which byte.
    pub fn from_car(bytes: &[u8]) -> Result<Self, MachineError> {
        let mut reader = CarReader { bytes, at: 0 };
        let header: CarHeader = {
            let section = reader.section()?.ok_or_else(|| bad("empty file"))?;
            from_slice(section).map_err(|e| bad(format!("CAR header: {e}")))?
        };
        if header.version != 1 {
            return Err(bad(format!("CAR version {}, need 1", header.version)));
        }
        let [root] = header.roots[..] else {
            return Err(bad(format!("{} CAR roots, need 1", header.roots.len())));
        };
        let mut blocks = BTreeMap::new();
        loop {
            let at = reader.at;
            let Some(section) = reader.section()? else {
                break;
            };
            let (cid, data) = split_block(section, at)?;
            blocks.insert(cid, data.to_vec());
        }
        Self::from_blocks(root, blocks)
    }

    fn from_blocks(root: Cid, blocks: BTreeMap<Cid, Vec<u8>>) -> Result<Self, MachineError> {
        let block = |what: &str, cid: &Cid| {
            blocks
                .get(cid)
                .ok_or_else(|| bad(format!("{what} {cid} is not in the file")))
        };
        let (version, manifest_data): (u32, Cid) = from_slice(block("manifest", &root)?)
            .map_err(|e| bad(format!("manifest {root} is not [version, CID]: {e}")))?;
        if version != 1 {
            return Err(bad(format!("manifest version {version}, need 1")));
        }
        let actors: Vec<(String, Cid)> = from_slice(block("manifest data", &manifest_data)?)
            .map_err(|e| bad(format!("manifest data {manifest_data}: {e}")))?;
        for (name, code) in &actors {
            block(&format!("code of {name},"), code)?;
        }
        Ok(Self {
            root,
            manifest_data,
            actors,
            blocks,
        })
    }

    /// The CID of the manifest, which is the CAR's root.
    pub const fn root(&self) -> &Cid {
        &self.root
    }

    /// The CID of the manifest's data, which the system actor's state holds.
    pub const fn manifest_data(&self) -> &Cid {
        &self.manifest_data
    }

    /// Name and code CID of each actor, in the manifest's order.
    pub fn actors(&self) -> &[(String, Cid)] {
        &self.actors
    }

    /// The code CID of a named actor.
    pub fn code(&self, name: &str) -> Option<Cid> {
        let entry = self.actors.iter().find(|(n, _)| n == name);
        entry.map(|(_, cid)| *cid)
    }

    /// The name of the actor with this code.
    pub fn name_of(&self, code: &Cid) -> Option<&str> {
        let entry = self.actors.iter().find(|(_, c)| c == code);
        entry.map(|(name, _)| name.as_str())
    }

    /// The WASM module of a named actor.
    pub fn wasm(&self, name: &str) -> Option<&[u8]> {
        self.blocks.get(&self.code(name)?).map(Vec::as_slice)
    }

    /// Puts all blocks of the bundle into a store.
    pub fn write_to(&self, store: &Store) -> Result<(), MachineError> {
        store
            .put_many_keyed(self.blocks.iter().map(|(cid, data)| (*cid, data)))
            .map_err(MachineError::State)
    }
}

struct CarReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> CarReader<'a> {
    /// The next section, a varint length and that many bytes; `None` at the end.
    fn section(&mut self) -> Result<Option<&'a [u8]>, MachineError> {
        if self.at == self.bytes.len() {
            return Ok(None);
        }
        let start = self.at;
        let mut len = 0u64;
        for shift in (0..63).step_by(7) {
            let byte = self
                .bytes
                .get(self.at)
                .ok_or_else(|| bad(format!("file ends within a length at byte {start}")))?;
            self.at += 1;
            len |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                let section = usize::try_from(len)
                    .ok()
                    .and_then(|len| self.bytes.get(self.at..self.at.checked_add(len)?))
                    .ok_or_else(|| {
                        bad(format!(
                            "section of {len} bytes at byte {start} reaches beyond the file"
                        ))
                    })?;
                self.at += section.len();
                return Ok(Some(section));
            }
        }
        Err(bad(format!("length at byte {start} is no varint")))
    }
}

/// Splits a section into CID and data, and checks one against the other.
fn split_block(section: &[u8], at: usize) -> Result<(Cid, &[u8]), MachineError> {
    let mut rest = section;
    let cid = Cid::read_bytes(&mut rest).map_err(|e| bad(format!("CID at byte {at}: {e}")))?;
    let code = Code::try_from(cid.hash().code())
        .map_err(|_| bad(format!("hash function of {cid} at byte {at} is unknown")))?;
    if code.digest(rest) != *cid.hash() {
        return Err(bad(format!("block at byte {at} does not hash to {cid}")));
    }
    Ok((cid, rest))
}

fn bad(text: impl Into<String>) -> MachineError {
    MachineError::Bundle(text.into())
}

#[cfg(test)]
mod tests {
    use fvm_ipld_encoding::to_vec;

    use super::*;

    fn varint(mut n: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while n >= 0x80 {
            out.push(n as u8 | 0x80);
            n >>= 7;
        }
        out.push(n as u8);
        out
    }

    fn section(parts: &[&[u8]]) -> Vec<u8> {
        let body = parts.concat();
        [varint(body.len()), body].concat()
    }

    #[derive(serde::Serialize)]
    struct Header {
        roots: Vec<Cid>,
        version: u64,
    }

    /// A bundle of one actor, as a CAR.
    fn car() -> Vec<u8> {
        let wasm = b"\0asm".to_vec();
        let code = Cid::new_v1(0x55, Code::Blake2b256.digest(&wasm));
        let data = to_vec(&vec![("evm", code)]).unwrap();
        let data_cid = Cid::new_v1(0x71, Code::Blake2b256.digest(&data));
        let root = to_vec(&(1u32, data_cid)).unwrap();
        let root_cid = Cid::new_v1(0x71, Code::Blake2b256.digest(&root));
        let header = to_vec(&Header {
            roots: vec![root_cid],
            version: 1,
        })
        .unwrap();
        [
            section(&[&header]),
            section(&[&root_cid.to_bytes(), &root]),
            section(&[&data_cid.to_bytes(), &data]),
            section(&[&code.to_bytes(), &wasm]),
        ]
        .concat()
    }

    #[test]
    fn reads_what_a_car_holds() {
        let bundle = Bundle::from_car(&car()).unwrap();
        let code = bundle.code("evm").unwrap();
        assert_eq!(bundle.name_of(&code), Some("evm"));
        assert_eq!(bundle.wasm("evm"), Some(&b"\0asm"[..]));
        assert_eq!(bundle.code("eam"), None);
        let store = Store::memory();
        bundle.write_to(&store).unwrap();
        assert!(store.has(bundle.root()).unwrap());
    }

    #[test]
    fn every_truncation_is_refused_and_none_panics() {
        let car = car();
        for end in 0..car.len() {
            assert!(Bundle::from_car(&car[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn a_flipped_bit_is_named() {
        let mut car = car();
        *car.last_mut().unwrap() ^= 1;
        let error = Bundle::from_car(&car).unwrap_err().to_string();
        assert!(error.contains("does not hash to"), "{error}");
    }
}
