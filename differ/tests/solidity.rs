//! Real contracts, executed natively, in the FVM, and by go-ethereum where it is at hand (FEVM_GETH).
//!
//! A scenario is set up in the FVM message by message; its last call is the subject, on the state before it.

use std::path::Path;
use std::sync::Arc;

use alloy_primitives::{Address, B256, U256, address, hex};
use alloy_sol_types::{SolCall, SolValue, sol};
use fevm_differ::compare::Verdict;
use fevm_differ::report;
use fevm_differ::run::Job;
use fevm_differ::side::fvm::accounts;
use fevm_differ::subject::{DEFAULT_FORK, Subject};
use fevm_machine::chain::SyntheticChain;
use fevm_machine::genesis::Genesis;
use fevm_machine::message::{Created, DELEGATED_SIGNATURE_LENGTH, EthCall, on_chain_length};
use fevm_machine::{ApplyKind, BlockContext, Network, Outcome, StateTree, Store, Vm, amount};
use serde_json::{Map, Value, json};

sol! {
    function transfer(address to, uint256 amount) returns (bool);
    function approve(address spender, uint256 value) returns (bool);
    function createPair(address a, address b) returns (address);
    function addLiquidity(address a, address b, uint256 wantA, uint256 wantB, uint256 minA, uint256 minB, address to, uint256 deadline);
    function swapExactTokensForTokens(uint256 amountIn, uint256 minOut, address[] path, address to, uint256 deadline);
    function initialize(address owner);
    function set(uint256 value);
    function clone(address logic, bytes32 salt) returns (address);
    function withReason();
    function panicOverflow(uint256 x) returns (uint256);
    function caught(bytes call) returns (bool, bytes);
    function deployChild(bytes32 salt, uint256 number) returns (address);
    function hashes(bytes data);
    function modExp(bytes base, bytes exponent, bytes modulus);
    function all(uint256 id, string name);
    function leave(address to);
    function blockInfo();
}

const OWNER: Address = address!("f39fd6e51aad88f6f4ce6ab8827279cfffb92266");
const KEY: &str = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const OTHER: Address = address!("70997970c51812dc3a010c7d01b50e0d17dc79c8");

/// What the subject does.
struct Call {
    to: Option<Address>,
    input: Vec<u8>,
}

/// A chain in which a scenario is set up.
struct Scene {
    vm: Vm,
    root: cid::Cid,
}

impl Scene {
    fn new() -> Self {
        let store = Store::memory();
        let genesis = Genesis::development("scenarios").with_eth_account(
            OWNER,
            amount::from_u256(U256::from(10u64.pow(19))),
            0,
        );
        let root = genesis
            .write(&fevm_bundle::ours().unwrap(), &store)
            .unwrap()
            .root;
        let network = Network {
            chain_id: 1,
            ..Network::default()
        };
        Self {
            vm: Vm::new(store, &network).unwrap(),
            root,
        }
    }

    fn state(&self) -> StateTree {
        self.vm.state(&self.root).unwrap()
    }

    fn send(&mut self, to: Option<Address>, input: Vec<u8>) -> Outcome {
        let call = EthCall {
            from: OWNER,
            to,
            input,
            nonce: self.state().eth_nonce(OWNER).unwrap(),
            gas_limit: 10_000_000_000,
            ..EthCall::default()
        };
        let message = call.to_message();
        let length = on_chain_length(&message, DELEGATED_SIGNATURE_LENGTH);
        let block = BlockContext::new(
            self.root,
            1,
            1000,
            amount::from_u256(U256::ZERO),
            Arc::new(SyntheticChain),
        );
        let (outcome, root) = self
            .vm
            .apply(block, message, ApplyKind::Explicit, length)
            .unwrap();
        assert!(outcome.is_success(), "{:?}", outcome.failure);
        self.root = root;
        outcome
    }

    fn deploy(&mut self, name: &str, args: &[u8]) -> Address {
        let outcome = self.send(None, [artifact(name), args.to_vec()].concat());
        Created::decode(&outcome.return_data).unwrap().eth_address
    }

    fn token(&mut self, name: &str) -> Address {
        let supply = U256::from(10u64.pow(9));
        self.deploy("Token", &(name, name, supply, supply).abi_encode_params())
    }

    /// The call on the state as it is, as a state test.
    fn subject(&self, name: &str, call: &Call) -> Subject {
        let pre: Map<String, Value> = accounts(&self.state())
            .unwrap()
            .into_iter()
            .map(|(address, account)| {
                let storage: Map<String, Value> =
                    account.storage.iter().map(|(slot, value)| (slot.to_string(), json!(value))).collect();
                let account = json!({
                    "balance": format!("{:#x}", account.balance), "nonce": format!("{:#x}", account.nonce),
                    "code": hex::encode_prefixed(&account.code), "storage": storage,
                });
                (address.to_string(), account)
            })
            .collect();
        let env = json!({
            "currentCoinbase": "0x2adc25665018aa1fe0e6bc666dac8fc2697ff9ba", "currentDifficulty": "0x0",
            "currentGasLimit": "0x5f5e100", "currentNumber": "0x1", "currentTimestamp": "0x3e8",
            "currentRandom": B256::ZERO, "currentBaseFee": "0x0a", "currentExcessBlobGas": "0x0",
        });
        let transaction = json!({
            "data": [hex::encode_prefixed(&call.input)], "gasLimit": ["0xf42400"], "gasPrice": "0x0a",
            "nonce": format!("{:#x}", self.state().eth_nonce(OWNER).unwrap()),
            "to": call.to.map_or_else(String::new, |to| to.to_string()), "value": ["0x0"],
            "secretKey": KEY, "sender": OWNER,
        });
        Subject::made(name, DEFAULT_FORK, Value::Object(pre), env, transaction)
    }
}

/// The init code of a contract of `solidity-fixtures`.
fn artifact(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../solidity-fixtures/build");
    let path = folder.join(format!("{name}.json"));
    let json = std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}; compile the contracts first: ./scripts/test does",
            path.display()
        )
    });
    let artifact: Value = serde_json::from_str(&json).unwrap();
    hex::decode(artifact["bytecode"].as_str().unwrap()).unwrap()
}

fn call(to: Address, call: &impl SolCall) -> Call {
    Call {
        to: Some(to),
        input: call.abi_encode(),
    }
}

/// Compares the scenario's call everywhere; in the FVM its differences are these.
#[track_caller]
fn everywhere(scene: &Scene, name: &str, call: &Call, ids: &str) {
    let subject = scene.subject(name, call);
    let geth = std::env::var_os("FEVM_GETH").is_some_and(|path| !path.is_empty());
    if !geth {
        println!("without go-ethereum: FEVM_GETH does not name its evm (see scripts/get-geth)");
    }
    let judge = if geth { "geth" } else { "native" };
    for (left, right, verdict, ids) in [
        ("fvm", judge, Verdict::ByDesign, ids),
        ("native", judge, Verdict::Equal, ""),
        (judge, judge, Verdict::Equal, ""),
    ] {
        let job = Job {
            left: left.parse().unwrap(),
            right: right.parse().unwrap(),
            subject: Some(subject.clone()),
            transaction: None,
            comparator: None,
            context: 8,
        };
        let answer = job
            .run()
            .unwrap_or_else(|error| panic!("{name}: {left} and {right}: {error}"));
        let text = report::text::text(&job, &answer);
        assert_eq!(answer.verdict, verdict, "{name}: {text}");
        assert_eq!(answer.ids().to_string(), ids, "{name}: {text}");
        assert!(answer.comparison.steps > 20, "{name}: {text}");
        assert!(answer.states.is_some(), "{name}: {text}");
        println!(
            "{name}: {left} and {right}: {}, {} steps",
            answer.verdict, answer.comparison.steps
        );
    }
}

#[test]
fn tokens() {
    let mut scene = Scene::new();
    let token = scene.token("A");
    let args = ("B", "B", U256::from(5), U256::from(9)).abi_encode_params();
    let creation = Call {
        to: None,
        input: [artifact("Token"), args].concat(),
    };
    everywhere(&scene, "deployment of an ERC-20", &creation, "fees");
    everywhere(
        &scene,
        "ERC-20 transfer",
        &call(
            token,
            &transferCall {
                to: OTHER,
                amount: U256::from(7),
            },
        ),
        "fees",
    );
    let much = transferCall {
        to: OTHER,
        amount: U256::MAX,
    };
    everywhere(
        &scene,
        "ERC-20 transfer of too much",
        &call(token, &much),
        "fees",
    );
}

#[test]
fn uniswap_v2() {
    let mut scene = Scene::new();
    let (a, b) = (scene.token("A"), scene.token("B"));
    let weth = scene.deploy("WETH9", &[]);
    let factory = scene.deploy("UniswapV2Factory", &OWNER.abi_encode());
    let router = scene.deploy("UniswapV2Router02", &(factory, weth).abi_encode_params());
    everywhere(
        &scene,
        "Uniswap V2: a pair by CREATE2",
        &call(factory, &createPairCall { a, b }),
        "gas, fees",
    );
    scene.send(Some(factory), createPairCall { a, b }.abi_encode());
    for token in [a, b] {
        scene.send(
            Some(token),
            approveCall {
                spender: router,
                value: U256::MAX,
            }
            .abi_encode(),
        );
    }
    let amount = U256::from(1_000_000);
    let liquidity = addLiquidityCall {
        a,
        b,
        wantA: amount,
        wantB: amount,
        minA: U256::ZERO,
        minB: U256::ZERO,
        to: OWNER,
        deadline: U256::MAX,
    };
    scene.send(Some(router), liquidity.abi_encode());
    let swap = swapExactTokensForTokensCall {
        amountIn: U256::from(1_000),
        minOut: U256::ZERO,
        path: vec![a, b],
        to: OTHER,
        deadline: U256::MAX,
    };
    everywhere(
        &scene,
        "Uniswap V2: a swap",
        &call(router, &swap),
        "gas, fees",
    );
}

#[test]
fn proxies_and_creations() {
    let mut scene = Scene::new();
    let logic = scene.deploy("BoxV1", &[]);
    let init = initializeCall { owner: OWNER }.abi_encode();
    let proxy = scene.deploy("BoxProxy", &(logic, init).abi_encode_params());
    everywhere(
        &scene,
        "UUPS proxy",
        &call(
            proxy,
            &setCall {
                value: U256::from(9),
            },
        ),
        "gas, fees",
    );
    let clones = scene.deploy("CloneFactory", &[]);
    let salt = B256::repeat_byte(7);
    everywhere(
        &scene,
        "minimal proxy by CREATE2",
        &call(clones, &cloneCall { logic, salt }),
        "fees",
    );
    let factory = scene.deploy("Create2Factory", &[]);
    let child = deployChildCall {
        salt,
        number: U256::from(5),
    };
    everywhere(&scene, "child by CREATE2", &call(factory, &child), "fees");
}

#[test]
fn reverts_precompiles_and_events() {
    let mut scene = Scene::new();
    let reverts = scene.deploy("Reverts", &[]);
    let inner = withReasonCall {}.abi_encode();
    everywhere(
        &scene,
        "a revert that is caught",
        &call(reverts, &caughtCall { call: inner.into() }),
        "gas, fees",
    );
    everywhere(
        &scene,
        "a panic",
        &call(reverts, &panicOverflowCall { x: U256::MAX }),
        "fees",
    );
    let precompiles = scene.deploy("Precompiles", &[]);
    let data = b"abc".to_vec().into();
    everywhere(
        &scene,
        "precompiled hashes",
        &call(precompiles, &hashesCall { data }),
        "gas, fees",
    );
    let number = |n: u8| vec![n; 32].into();
    let power = modExpCall {
        base: number(3),
        exponent: number(5),
        modulus: number(7),
    };
    everywhere(
        &scene,
        "precompiled powers",
        &call(precompiles, &power),
        "gas, fees",
    );
    let payments = scene.deploy("Payments", &[]);
    everywhere(
        &scene,
        "self-destruction",
        &call(payments, &leaveCall { to: OTHER }),
        "self-destruct, fees",
    );
    let environment = scene.deploy("Environment", &[]);
    let ids = "coinbase, gas-limit, fees";
    everywhere(
        &scene,
        "block values",
        &call(environment, &blockInfoCall {}),
        ids,
    );
    let events = scene.deploy("Events", &[]);
    everywhere(
        &scene,
        "events",
        &call(
            events,
            &allCall {
                id: U256::from(3),
                name: "name".into(),
            },
        ),
        "fees",
    );
}
