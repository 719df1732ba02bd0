//! Where the gas of a message went: by the path of calls, the class of charge and, for WASM
//! instructions, by the host call that they led to.

use std::collections::BTreeMap;

use cid::Cid;
use fvm::trace::ExecutionEvent;
use fvm_shared::{METHOD_SEND, MethodNum};

use crate::gas::GasClass;
use crate::steps::flame::GasByPath;

/// Gas by path, as flame graphs have it.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    milligas: BTreeMap<Vec<String>, u64>,
}

impl Profile {
    /// Adds a message's trace under a name. `builtin` are the names and codes of the built-in actors
    /// ([`StateTree::builtin_actors`](crate::StateTree::builtin_actors)).
    pub fn add(&mut self, name: &str, trace: &[ExecutionEvent], builtin: &[(String, Cid)]) {
        let mut path = vec![name.to_owned()];
        // The method of the innermost call, until it is known who answers it.
        let mut called: Option<MethodNum> = None;
        // Instructions since the last host call, until it is known which that is.
        let mut instructions = 0;
        for event in trace {
            match event {
                ExecutionEvent::Call { to, method, .. } => {
                    self.put_instructions(&path, &mut instructions, "send");
                    path.push(format!("{to} {}", method_name(None, *method)));
                    called = Some(*method);
                }
                ExecutionEvent::InvokeActor { id, state } => {
                    if let (Some(method), Some(last)) = (called.take(), path.last_mut()) {
                        let found = builtin.iter().find(|(_, code)| *code == state.code);
                        let actor = found.map(|(name, _)| name.as_str());
                        *last = format!(
                            "{} f0{id} {}",
                            actor.unwrap_or("actor"),
                            method_name(actor, method)
                        );
                    }
                }
                ExecutionEvent::CallReturn(..) | ExecutionEvent::CallError(_) => {
                    self.put_instructions(&path, &mut instructions, "return");
                    path.pop();
                }
                ExecutionEvent::GasCharge(charge) => {
                    let milligas = charge.total().as_milligas();
                    let class = GasClass::of(&charge.name);
                    match class {
                        GasClass::WasmExec => instructions += milligas,
                        GasClass::HostCalls | GasClass::MemoryGrow | GasClass::MemoryInit => {
                            self.put(&path, &[class.name()], milligas);
                        }
                        _ => {
                            self.put_instructions(&path, &mut instructions, &charge.name);
                            self.put(&path, &[class.name(), &charge.name], milligas);
                        }
                    }
                }
                _ => {}
            }
        }
        self.put_instructions(&path, &mut instructions, "end");
    }

    /// Adds a message's gas by frame and instruction
    /// ([`InstructionGas`](crate::steps::flame::InstructionGas)) under a name.
    pub fn add_instructions(&mut self, name: &str, gas: GasByPath) {
        for (path, gas) in gas {
            let path = [name.to_owned()].into_iter().chain(path).collect();
            *self.milligas.entry(path).or_default() += 1_000 * gas;
        }
    }

    fn put_instructions(&mut self, path: &[String], milligas: &mut u64, before: &str) {
        let sum = std::mem::take(milligas);
        self.put(
            path,
            &[GasClass::WasmExec.name(), &format!("before {before}")],
            sum,
        );
    }

    fn put(&mut self, path: &[String], leaf: &[&str], milligas: u64) {
        if milligas > 0 {
            let leaf = leaf.iter().map(|part| (*part).to_owned());
            let path = path.iter().cloned().chain(leaf).collect();
            *self.milligas.entry(path).or_default() += milligas;
        }
    }

    /// The lines of a folded stack: path, outermost first and divided by `;`, and gas.
    pub fn folded(&self) -> Vec<String> {
        let lines = self.milligas.iter().filter(|(_, gas)| **gas >= 1_000);
        lines
            .map(|(path, gas)| {
                let path: Vec<_> = path.iter().map(|part| part.replace(';', ",")).collect();
                format!("{} {}", path.join(";"), gas / 1_000)
            })
            .collect()
    }

    /// All gas in it.
    pub fn total(&self) -> u64 {
        self.milligas.values().sum::<u64>() / 1_000
    }
}

/// The name of a method, its number if it has none.
pub fn method_name(actor: Option<&str>, method: MethodNum) -> String {
    let name = match (actor, method) {
        (_, METHOD_SEND) => "transfer",
        (_, crate::message::INVOKE_EVM) => "InvokeEVM",
        (_, 1) => "Constructor",
        (Some("evm"), 2) => "Resurrect",
        (Some("evm"), 3) => "GetBytecode",
        (Some("evm"), 4) => "GetBytecodeHash",
        (Some("evm"), 5) => "GetStorageAt",
        (Some("evm"), 6) => "InvokeContractDelegate",
        (Some("eam"), 2) => "Create",
        (Some("eam"), 3) => "Create2",
        (Some("eam"), 4) => "CreateExternal",
        (Some("init"), 2) => "Exec",
        (Some("init"), 3) => "Exec4",
        (Some("account"), 2) => "PubkeyAddress",
        _ => return format!("method {method}"),
    };
    name.into()
}

#[cfg(test)]
mod tests {
    use fvm::gas::{Gas, GasCharge};
    use fvm_shared::address::Address;
    use fvm_shared::econ::TokenAmount;
    use fvm_shared::error::ExitCode;
    use num_traits::Zero;

    use super::*;

    fn gas(name: &'static str, gas: u64) -> ExecutionEvent {
        ExecutionEvent::GasCharge(GasCharge::new(name, Gas::new(gas), Gas::zero()))
    }

    #[test]
    fn instructions_count_for_the_host_call_behind_them() {
        let trace = [
            gas("OnChainMessage", 5),
            ExecutionEvent::Call {
                from: 100,
                to: Address::new_id(7),
                method: 3,
                params: None,
                value: TokenAmount::from_atto(0),
                gas_limit: 9,
                read_only: false,
            },
            gas("OnMethodInvocation", 10),
            gas("wasm_exec", 20),
            gas("OnSyscall", 14),
            gas("OnBlockOpenBase", 30),
            gas("wasm_exec", 40),
            ExecutionEvent::CallReturn(ExitCode::OK, None),
        ];
        let mut profile = Profile::default();
        profile.add("m", &trace, &[]);
        assert_eq!(profile.total(), 119);
        assert_eq!(
            profile.folded(),
            [
                "m;f07 method 3;block_reads;OnBlockOpenBase 30",
                "m;f07 method 3;host_calls 14",
                "m;f07 method 3;invocation;OnMethodInvocation 10",
                "m;f07 method 3;wasm_exec;before OnBlockOpenBase 20",
                "m;f07 method 3;wasm_exec;before return 40",
                "m;inclusion;OnChainMessage 5",
            ]
        );
    }
}
