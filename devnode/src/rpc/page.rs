//! The catalogue as a page of documentation.

use std::fmt::Write;

use super::{Catalogue, Method};

/// Namespaces in the order of the page, with what they are for.
const NAMESPACES: [(&str, &str); 14] = [
    (
        "eth",
        "The chain, as every Ethereum client reads and writes it.",
    ),
    ("net", "The network."),
    ("web3", "The software."),
    ("rpc", "The interface itself."),
    ("txpool", "The waiting transactions."),
    ("debug", "Traces and raw data."),
    ("trace", "Traces in the form that Parity gave them."),
    (
        "evm",
        "Helpers of development networks, as Ganache named them.",
    ),
    ("hardhat", "The same, as Hardhat named them."),
    ("anvil", "The same, as Anvil named them."),
    ("fevm", "Helpers that only a Filecoin chain needs."),
    ("Filecoin", "The chain as Filecoin's own tools see it."),
    ("personal", "The accounts, as old tools ask for them."),
    ("ots, erigon", "What explorers ask."),
];

/// Markdown with every method by its namespace.
pub fn page() -> String {
    let mut page = String::from(
        "# JSON-RPC methods\n\n\
         Made from the node's catalogue of methods; `rpc.discover` answers with the same as an OpenRPC document. \
         A method that has no meaning on Filecoin is refused with the reason, and marked so. Parameters in \
         brackets may be left out. What the values mean on Filecoin is in [node.md](node.md).\n",
    );
    for (namespaces, purpose) in NAMESPACES {
        let names: Vec<&str> = namespaces.split(", ").collect();
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "\n## {namespaces}\n\n{purpose}\n\n| method | parameters | |\n|---|---|---|\n"
        );
        for method in Catalogue::get().methods() {
            if names.contains(&namespace(method.name)) {
                page += &row(method);
            }
        }
    }
    page
}

fn namespace(name: &str) -> &str {
    name.split(['_', '.']).next().unwrap_or(name)
}

fn row(method: &Method) -> String {
    let parameters: Vec<String> = method
        .params
        .iter()
        .map(|param| match param.required {
            true => param.name.to_owned(),
            false => format!("[{}]", param.name),
        })
        .collect();
    let mut names = format!("`{}`", method.name);
    for alias in method.aliases {
        names += &format!("<br>`{alias}`");
    }
    format!("| {names} | {} | {} |\n", parameters.join(", "), method.doc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_a_place() {
        let listed: Vec<&str> = NAMESPACES
            .iter()
            .flat_map(|(names, _)| names.split(", "))
            .collect();
        for method in Catalogue::get().methods() {
            assert!(listed.contains(&namespace(method.name)), "{}", method.name);
        }
    }
}
