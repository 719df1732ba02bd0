//! The workloads: each the code of one contract, and the data of one transaction that calls it.

use serde::Deserialize;
use std::io::Read;

/// One workload.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    pub(crate) name: String,
    pub(crate) code: Vec<u8>,
    pub(crate) call_data: Vec<u8>,
    pub(crate) output: Vec<u8>,
    /// Of the whole transaction.
    pub(crate) gas_used: u64,
}

#[derive(Deserialize)]
struct File {
    code: String,
    calldata: String,
    expected_output: Option<String>,
    gas_used: u64,
}

/// All workloads, in order of their names.
pub(crate) fn all() -> Vec<Workload> {
    let archive = zstd::decode_all(&include_bytes!("workloads.tar.zst")[..]).unwrap();
    let mut archive = tar::Archive::new(archive.as_slice());
    let mut workloads: Vec<_> = archive
        .entries()
        .unwrap()
        .map(|entry| {
            let mut entry = entry.unwrap();
            let path = entry.path().unwrap().into_owned();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let file: File = serde_json::from_str(&text).unwrap();
            Workload {
                name: path
                    .file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replacen('_', "/", 1),
                code: bytes(&file.code),
                call_data: bytes(&file.calldata),
                output: bytes(file.expected_output.as_deref().unwrap_or_default()),
                gas_used: file.gas_used,
            }
        })
        .collect();
    workloads.sort_by(|a, b| a.name.cmp(&b.name));
    workloads
}

fn bytes(hex: &str) -> Vec<u8> {
    alloy_primitives::hex::decode(hex).unwrap()
}
