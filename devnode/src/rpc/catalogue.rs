//! The list of methods: one truth for dispatch and for documentation.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::{Params, RpcError, RpcResult, debug, dev, eth, explorers, filecoin, net, trace, web3};
use crate::Node;

/// What a call costs the server, which decides where it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// Reads indexes in memory; answered at once.
    Light,
    /// Runs the FVM or waits for a block; never on the server's own threads.
    Heavy,
    /// Runs the FVM and waits for nobody: right on one of its threads.
    Execution,
}

/// A positional parameter.
#[derive(Debug, Clone, Copy)]
pub struct Param {
    /// Its name in documentation.
    pub name: &'static str,
    /// Whether a call without it is refused.
    pub required: bool,
}

/// A parameter that must be given.
pub const fn required(name: &'static str) -> Param {
    Param {
        name,
        required: true,
    }
}

/// A parameter that may be left out.
pub const fn optional(name: &'static str) -> Param {
    Param {
        name,
        required: false,
    }
}

/// The function behind a method.
pub type Handler = fn(&Arc<Node>, &Params) -> RpcResult<Value>;

/// A method of the interface.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// Its name, as clients send it.
    pub name: &'static str,
    /// Other names for the same.
    pub aliases: &'static [&'static str],
    /// Its parameters, in order.
    pub params: &'static [Param],
    /// What it does, in a sentence.
    pub doc: &'static str,
    /// Where it runs.
    pub cost: Cost,
    /// The function behind it.
    pub handler: Handler,
}

impl Method {
    /// A method that is answered from memory.
    pub const fn light(
        name: &'static str,
        params: &'static [Param],
        doc: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            name,
            aliases: &[],
            params,
            doc,
            cost: Cost::Light,
            handler,
        }
    }

    /// A method that runs the FVM or waits for a block.
    pub const fn heavy(
        name: &'static str,
        params: &'static [Param],
        doc: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            name,
            aliases: &[],
            params,
            doc,
            cost: Cost::Heavy,
            handler,
        }
    }

    /// The same method, run right on a thread of the FVM. It must not wait for a block that is being made, for which
    /// such a thread is needed.
    #[must_use]
    pub const fn on_message_thread(mut self) -> Self {
        self.cost = Cost::Execution;
        self
    }

    /// The same method with further names.
    #[must_use]
    pub const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Checks the number of parameters and runs the method.
    ///
    /// # Errors
    /// A parameter is missing or superfluous, or the method refuses.
    pub fn call(&self, node: &Arc<Node>, params: &Params) -> RpcResult<Value> {
        if params.len() > self.params.len() {
            return Err(RpcError::params(format!(
                "too many arguments, want at most {}",
                self.params.len()
            )));
        }
        for (index, param) in self.params.iter().enumerate() {
            if param.required && params.raw(index).is_none() {
                return Err(RpcError::params(format!(
                    "missing value for required argument {index} ({})",
                    param.name
                )));
            }
        }
        (self.handler)(node, params)
    }
}

/// Every method by every name.
#[derive(Debug)]
pub struct Catalogue {
    methods: Vec<&'static Method>,
    by_name: HashMap<&'static str, &'static Method>,
}

impl Catalogue {
    /// The node's catalogue.
    pub fn get() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| {
            let groups: [&'static [Method]; 17] = [
                eth::info::METHODS,
                eth::capabilities::METHODS,
                eth::blocks::METHODS,
                eth::transactions::METHODS,
                eth::state::METHODS,
                eth::execution::METHODS,
                eth::access_list::METHODS,
                eth::simulate::METHODS,
                eth::fees::METHODS,
                eth::sending::METHODS,
                eth::filters::METHODS,
                net::METHODS,
                web3::METHODS,
                debug::METHODS,
                trace::METHODS,
                explorers::METHODS,
                filecoin::METHODS,
            ];
            let methods: Vec<&'static Method> = groups
                .into_iter()
                .chain(dev::METHODS.iter().copied())
                .flatten()
                .collect();
            let names = methods.iter().flat_map(|method| {
                std::iter::once(method.name)
                    .chain(method.aliases.iter().copied())
                    .map(|name| (name, *method))
            });
            let by_name = names.collect();
            Self { methods, by_name }
        })
    }

    /// The method of that name.
    pub fn find(&self, name: &str) -> Option<&'static Method> {
        self.by_name.get(name).copied()
    }

    /// All methods, by namespace.
    pub fn methods(&self) -> &[&'static Method] {
        &self.methods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_documented() {
        let catalogue = Catalogue::get();
        let names: usize = catalogue
            .methods()
            .iter()
            .map(|method| 1 + method.aliases.len())
            .sum();
        assert_eq!(names, catalogue.by_name.len(), "a name is listed twice");
        for method in catalogue.methods() {
            assert!(
                method.doc.ends_with('.'),
                "{} lacks a sentence",
                method.name
            );
            let first_optional = method.params.iter().position(|param| !param.required);
            let last_required = method.params.iter().rposition(|param| param.required);
            if let (Some(optional), Some(required)) = (first_optional, last_required) {
                assert!(
                    required < optional,
                    "{}: required parameter after an optional one",
                    method.name
                );
            }
        }
    }
}
