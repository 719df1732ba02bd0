//! `fevm address`: every form of an address.

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use fevm_address::text::{AnyAddress, format_ethereum, format_filecoin, parse};
use fevm_address::{Address, Network, from_delegated, from_masked_id, masked_id, to_filecoin};
use serde_json::{Value, json};

/// Print every form of an address: 0x, f410 and t410, masked ID, f0, binary.
///
/// An address whose other forms only a chain knows (f1, f2, f3) is checked and
/// printed as it is.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Addresses: 0x…, f… or t….
    #[arg(value_name = "ADDRESS", required = true)]
    addresses: Vec<String>,

    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub(crate) fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let mut all = Vec::with_capacity(args.addresses.len());
    for text in &args.addresses {
        let address = parse(text)
            .map_err(|e| anyhow!(e))
            .with_context(|| format!("address '{text}'"))?;
        all.push(forms(address));
    }
    if args.json {
        println!("{:#}", Value::from(all));
        return Ok(ExitCode::SUCCESS);
    }
    for (n, forms) in all.iter().enumerate() {
        if n > 0 {
            println!();
        }
        for (name, value) in forms.as_object().into_iter().flatten() {
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            println!("{name:<10} {value}");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The forms by name; what the address does not have is left out.
fn forms(address: AnyAddress) -> Value {
    let filecoin = match address {
        AnyAddress::Ethereum(address) => to_filecoin(&address),
        AnyAddress::Filecoin(address, _) => address,
    };
    let ethereum = match address {
        AnyAddress::Ethereum(address) => Some(address),
        AnyAddress::Filecoin(address, _) => ethereum(&address),
    };
    let mut forms = json!({
        "mainnet": format_filecoin(&filecoin, Network::Mainnet),
        "testnet": format_filecoin(&filecoin, Network::Testnet),
        "binary": alloy_primitives::hex::encode_prefixed(filecoin.as_bytes()),
    });
    if let Some(address) = ethereum {
        forms["ethereum"] = format_ethereum(&address).into();
        if let Some(id) = from_masked_id(&address) {
            forms["id"] = id.into();
        }
    }
    forms
}

/// The Ethereum address of a Filecoin address, where no chain is needed to
/// know it: that in f410, the masked ID of f0.
fn ethereum(address: &Address) -> Option<fevm_address::H160> {
    match address.as_id() {
        Some(id) => Some(masked_id(id)),
        None => from_delegated(address.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Value {
        forms(parse(text).unwrap())
    }

    #[test]
    fn forms_agree_whichever_is_given() {
        let null = of("0x0000000000000000000000000000000000000000");
        assert_eq!(
            null["mainnet"],
            "f410faaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaonc6iji"
        );
        for name in ["mainnet", "testnet", "ethereum"] {
            assert_eq!(of(null[name].as_str().unwrap()), null, "{name}");
        }
        let masked = of("f01234");
        let checksummed = alloy_primitives::address!("ff000000000000000000000000000000000004d2");
        assert_eq!(masked["ethereum"], checksummed.to_string());
        assert_eq!(masked["id"], 1234);
        assert_eq!(of(masked["ethereum"].as_str().unwrap()), masked);
    }
}
