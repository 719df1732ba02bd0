//! Steps in groups of a kind, as tables sum them up.

/// A group of steps.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its name.
    pub name: &'static str,
    /// `scenario/step`, or the beginning of it followed by `*`.
    steps: &'static [&'static str],
    /// Of the same form: steps that do not belong here all the same.
    without: &'static [&'static str],
}

const fn group(name: &'static str, steps: &'static [&'static str]) -> Group {
    Group {
        name,
        steps,
        without: &[],
    }
}

/// All groups. A step may stand in several.
pub const GROUPS: &[Group] = &[
    Group {
        without: &["compute/empty"],
        ..group("computation", &["compute/*"])
    },
    group(
        "calls of contracts",
        &[
            "calls/call-1",
            "calls/call-500",
            "calls/staticcall-500",
            "calls/delegatecall-500",
        ],
    ),
    group(
        "calls that write",
        &["calls/call-state-500", "calls/dirty-call-200"],
    ),
    group("storage", &["storage/*"]),
    Group {
        without: &["erc20/deploy"],
        ..group("ERC-20", &["erc20/*"])
    },
    group(
        "Uniswap V2",
        &["uniswap/addLiquidity", "uniswap/swap-first", "uniswap/swap"],
    ),
    group(
        "code loading",
        &["codesize/call-*", "big24k/ping", "compute/empty"],
    ),
    group("logs", &["misc/logs-200"]),
    group(
        "deployments",
        &[
            "erc20/deploy*",
            "uniswap/deploy*",
            "uniswap/createPair",
            "codesize/deploy*",
            "big24k/deploy*",
            "misc/create2-10",
        ],
    ),
    group(
        "heavy precompiles",
        &[
            "precompiles/modexp*",
            "precompiles/bn-*",
            "precompiles/bls-*",
            "precompiles/p256verify*",
            "precompiles/blake2f*",
        ],
    ),
    group(
        "light precompiles",
        &[
            "precompiles/identity*",
            "precompiles/ecrecover*",
            "precompiles/sha256*",
            "precompiles/ripemd160*",
        ],
    ),
];

impl Group {
    /// Whether a step belongs to the group.
    pub fn contains(&self, scenario: &str, step: &str) -> bool {
        let name = format!("{scenario}/{step}");
        let fits = |pattern: &&str| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == **pattern,
        };
        self.steps.iter().any(&fits) && !self.without.iter().any(fits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_and_exceptions() {
        let names = |scenario, step| {
            let found = GROUPS.iter().filter(|g| g.contains(scenario, step));
            found.map(|g| g.name).collect::<Vec<_>>()
        };
        assert_eq!(names("compute", "arith-5k"), ["computation"]);
        assert_eq!(names("compute", "empty"), ["code loading"]);
        assert_eq!(names("erc20", "deploy"), ["deployments"]);
        assert_eq!(names("erc20", "transfer-fresh"), ["ERC-20"]);
        assert_eq!(names("calls", "call-1"), ["calls of contracts"]);
        assert!(names("micro", "ADD/run").is_empty());
    }
}
