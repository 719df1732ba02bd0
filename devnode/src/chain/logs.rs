//! Which logs a query asks for.

use alloy_primitives::{Address, B256, Bloom, BloomInput, Log};

/// The conditions on a log; an empty list stands for any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Emitters, one of which it must be.
    pub addresses: Vec<Address>,
    /// By position: the values of which the topic must be one.
    pub topics: Vec<Vec<B256>>,
}

impl LogQuery {
    /// Whether a log meets the conditions.
    pub fn matches(&self, log: &Log) -> bool {
        let address = self.addresses.is_empty() || self.addresses.contains(&log.address);
        let topics = log.topics();
        address
            && self.topics.len() <= topics.len()
            && self
                .topics
                .iter()
                .zip(topics)
                .all(|(wanted, topic)| wanted.is_empty() || wanted.contains(topic))
    }

    /// Whether a block with this bloom filter may hold such a log.
    pub fn may_match(&self, bloom: &Bloom) -> bool {
        let any = |inputs: &mut dyn Iterator<Item = &[u8]>| {
            let mut inputs = inputs.peekable();
            inputs.peek().is_none()
                || inputs.any(|input| bloom.contains_input(BloomInput::Raw(input)))
        };
        any(&mut self.addresses.iter().map(|address| address.as_slice()))
            && self
                .topics
                .iter()
                .all(|wanted| any(&mut wanted.iter().map(|topic| topic.as_slice())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::LogData;

    fn log(address: u8, topics: &[u8]) -> Log {
        let topics = topics
            .iter()
            .map(|topic| B256::repeat_byte(*topic))
            .collect();
        Log {
            address: Address::repeat_byte(address),
            data: LogData::new_unchecked(topics, Default::default()),
        }
    }

    fn query(addresses: &[u8], topics: &[&[u8]]) -> LogQuery {
        LogQuery {
            addresses: addresses
                .iter()
                .map(|byte| Address::repeat_byte(*byte))
                .collect(),
            topics: topics
                .iter()
                .map(|any| any.iter().map(|byte| B256::repeat_byte(*byte)).collect())
                .collect(),
        }
    }

    #[test]
    fn conditions_are_by_position_and_alternatives_by_list() {
        let log = log(1, &[2, 3]);
        assert!(query(&[], &[]).matches(&log));
        assert!(query(&[9, 1], &[&[], &[8, 3]]).matches(&log));
        assert!(!query(&[9], &[]).matches(&log));
        assert!(!query(&[], &[&[3]]).matches(&log));
        assert!(
            !query(&[], &[&[], &[], &[]]).matches(&log),
            "more positions than topics"
        );
    }

    #[test]
    fn the_bloom_filter_never_hides_a_match() {
        let log = log(1, &[2, 3]);
        let mut bloom = Bloom::ZERO;
        bloom.accrue_log(&log);
        for query in [
            query(&[], &[]),
            query(&[9, 1], &[&[], &[8, 3]]),
            query(&[1], &[&[2], &[3]]),
        ] {
            assert!(query.matches(&log) && query.may_match(&bloom));
        }
        assert!(!query(&[7], &[]).may_match(&bloom));
        assert!(!query(&[], &[&[7]]).may_match(&bloom));
    }
}
