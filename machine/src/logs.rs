//! Ethereum logs in actor events.

use alloy_primitives::B256;
use fvm_shared::event::ActorEvent;

use fvm_ipld_encoding::IPLD_RAW;

/// Topics and data of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EthLog {
    /// Up to four topics.
    pub topics: Vec<B256>,
    /// Data.
    pub data: Vec<u8>,
}

impl EthLog {
    /// The log in an event: entries `t1` to `t4` are topics of 32 bytes, `d`
    /// is the data. `None` for an event that is no log: an entry that is not
    /// raw bytes, a topic of another length, a second one of a kind or a gap.
    /// Other keys are passed over.
    pub fn from_event(event: &ActorEvent) -> Option<Self> {
        let mut topics: [Option<B256>; 4] = [None; 4];
        let mut data = None;
        for entry in &event.entries {
            if entry.codec != IPLD_RAW {
                return None;
            }
            let topic = match entry.key.as_str() {
                "t1" => 0,
                "t2" => 1,
                "t3" => 2,
                "t4" => 3,
                "d" => {
                    if data.replace(entry.value.clone()).is_some() {
                        return None;
                    }
                    continue;
                }
                _ => continue,
            };
            let value = B256::try_from(entry.value.as_slice()).ok()?;
            if topics[topic].replace(value).is_some() {
                return None;
            }
        }
        let count = topics.iter().take_while(|t| t.is_some()).count();
        if topics[count..].iter().any(Option::is_some) {
            return None;
        }
        Some(Self {
            topics: topics.into_iter().flatten().collect(),
            data: data.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use fvm_shared::event::{Entry, Flags};

    use super::*;

    fn entry(key: &str, codec: u64, value: &[u8]) -> Entry {
        Entry {
            flags: Flags::FLAG_INDEXED_ALL,
            key: key.into(),
            codec,
            value: value.into(),
        }
    }

    fn log(entries: Vec<Entry>) -> Option<EthLog> {
        EthLog::from_event(&entries.into())
    }

    #[test]
    fn topics_and_data_in_any_order() {
        let one = [1; 32];
        let two = [2; 32];
        let found = log(vec![
            entry("d", 0x55, b"data"),
            entry("t2", 0x55, &two),
            entry("other", 0x55, b"passed over"),
            entry("t1", 0x55, &one),
        ])
        .unwrap();
        assert_eq!(found.topics, [B256::from(one), B256::from(two)]);
        assert_eq!(found.data, b"data");
        assert_eq!(log(vec![]), Some(EthLog::default()));
    }

    #[test]
    fn what_is_no_log() {
        let topic = [7; 32];
        assert_eq!(log(vec![entry("t2", 0x55, &topic)]), None, "gap");
        assert_eq!(log(vec![entry("t1", 0x55, &topic[1..])]), None, "length");
        assert_eq!(log(vec![entry("t1", 0x51, &topic)]), None, "codec");
        let twice = vec![entry("t1", 0x55, &topic), entry("t1", 0x55, &topic)];
        assert_eq!(log(twice), None, "second topic");
        let twice = vec![entry("d", 0x55, b""), entry("d", 0x55, b"")];
        assert_eq!(log(twice), None, "second data");
    }
}
