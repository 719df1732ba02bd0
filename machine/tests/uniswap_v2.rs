//! Uniswap V2, byte for byte as published: a pair, liquidity, a swap.

mod common;

use alloy_primitives::{Address, U256, keccak256};
use alloy_sol_types::{SolValue, sol};
use common::{ACCOUNTS, Chain, artifact, assert_success, with_args};

sol! {
    function approve(address spender, uint256 value) returns (bool);
    function balanceOf(address account) returns (uint256);
    function createPair(address a, address b) returns (address);
    function getPair(address a, address b) returns (address);
    function addLiquidity(
        address a, address b, uint256 wantA, uint256 wantB, uint256 minA, uint256 minB,
        address to, uint256 deadline
    ) returns (uint256, uint256, uint256);
    function swapExactTokensForTokens(
        uint256 amountIn, uint256 minOut, address[] path, address to, uint256 deadline
    ) returns (uint256[]);
    function getReserves() returns (uint112, uint112, uint32);
}

fn token(chain: &mut Chain, name: &str) -> Address {
    let supply = U256::from(10u64.pow(9));
    let args = (name, name, supply, supply).abi_encode_params();
    chain.deploy(ACCOUNTS[0], with_args("Token", &args))
}

#[test]
fn a_pair_takes_liquidity_and_swaps() {
    let mut chain = Chain::new();
    let user = ACCOUNTS[0];
    let a = token(&mut chain, "A");
    let b = token(&mut chain, "B");
    let weth = chain.deploy(user, artifact("WETH9"));
    let factory = chain.deploy(user, with_args("UniswapV2Factory", &user.abi_encode()));
    let args = (factory, weth).abi_encode_params();
    let router = chain.deploy(user, with_args("UniswapV2Router02", &args));

    let outcome = chain.send(user, factory, &createPairCall { a, b });
    assert_success(&outcome);
    let pair = Address::abi_decode(outcome.return_bytes()).unwrap();
    assert_eq!(chain.read(factory, &getPairCall { a: b, b: a }), pair);
    // The factory deploys with CREATE2: salt of the sorted tokens.
    let sorted = if a < b { (a, b) } else { (b, a) };
    let salt = keccak256(sorted.abi_encode_packed());
    assert_eq!(
        pair,
        factory.create2_from_code(salt, artifact("UniswapV2Pair"))
    );

    let max = U256::MAX;
    for token in [a, b] {
        let approve = approveCall {
            spender: router,
            value: max,
        };
        assert_success(&chain.send(user, token, &approve));
    }
    let add = addLiquidityCall {
        a,
        b,
        wantA: U256::from(1_000_000),
        wantB: U256::from(4_000_000),
        minA: U256::ZERO,
        minB: U256::ZERO,
        to: user,
        deadline: max,
    };
    assert_success(&chain.send(user, router, &add));
    // sqrt(1e6 * 4e6) less the minimum that nobody owns.
    let shares = chain.read(pair, &balanceOfCall { account: user });
    assert_eq!(shares, U256::from(2_000_000 - 1_000));

    let receiver = ACCOUNTS[1];
    let swap = swapExactTokensForTokensCall {
        amountIn: U256::from(10_000),
        minOut: U256::from(1),
        path: vec![a, b],
        to: receiver,
        deadline: max,
    };
    let outcome = chain.send(user, router, &swap);
    assert_success(&outcome);
    // 4e6 * 9970 / (1e6 + 9970), rounded down; 0.3 % stay in the pool.
    let expected = 4_000_000u64 * 9_970 / (1_000_000 + 9_970);
    let got = chain.read(b, &balanceOfCall { account: receiver });
    assert_eq!(got, U256::from(expected));
    let reserves = chain.read(pair, &getReservesCall {});
    let sum = reserves._0.to::<u128>() + reserves._1.to::<u128>();
    assert_eq!(sum, 1_010_000 + 4_000_000 - u128::from(expected));
    // Two transfers, Sync, Swap.
    assert_eq!(chain.logs(&outcome).len(), 4);
    let calls = outcome.call_tree().unwrap();
    assert!(calls.len() > 5, "{} calls", calls.len());
}
