// Uniswap V2 from its published bytecode by ethers v6: pair, liquidity, swaps, permit.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { MaxUint256, Signature, ZeroAddress, getCreate2Address, keccak256, parseEther, solidityPackedKeccak256 } from "ethers";
import { artifact } from "../../lib/artifacts.mjs";
import { at, eventsOf, mined, reverted, useNode } from "../../lib/ethers6.mjs";
import { CHAIN_ID } from "../../lib/node.mjs";

const DEADLINE = MaxUint256;
const MINIMUM_LIQUIDITY = 1000n;
const context = useNode();

/** Uniswap V2's formula, fee of 0.3 % included. */
const amountOut = (amountIn, reserveIn, reserveOut) =>
  (amountIn * 997n * reserveOut) / (reserveIn * 1000n + amountIn * 997n);

describe("Uniswap V2 by ethers v6", () => {
  let owner, trader, factory, weth, router, tokenA, tokenB, pair;

  before(async () => {
    [owner, trader] = context.wallets;
    const supply = parseEther("1000000");
    weth = await context.deploy("WETH9");
    factory = await context.deploy("UniswapV2Factory", [owner.address]);
    router = await context.deploy("UniswapV2Router02", [await factory.getAddress(), await weth.getAddress()]);
    const tokens = [
      await context.deploy("Token", ["One", "ONE", supply, supply]),
      await context.deploy("Token", ["Two", "TWO", supply, supply]),
    ];
    const addresses = await Promise.all(tokens.map((t) => t.getAddress()));
    // The pair keeps its tokens in order of address.
    [tokenA, tokenB] = BigInt(addresses[0]) < BigInt(addresses[1]) ? tokens : [tokens[1], tokens[0]];
    for (const token of tokens) await mined(token.approve(router, MaxUint256));
  });

  test("createPair puts the published pair where CREATE2 says", async () => {
    const [a, b] = [await tokenA.getAddress(), await tokenB.getAddress()];
    const receipt = await mined(factory.createPair(b, a));
    const expected = getCreate2Address(
      await factory.getAddress(),
      solidityPackedKeccak256(["address", "address"], [a, b]),
      keccak256(artifact("UniswapV2Pair").bytecode),
    );
    assert.deepEqual(eventsOf(factory, receipt), [["PairCreated", a, b, expected, 1n]]);
    assert.equal(await factory.getPair(a, b), expected);
    pair = at("UniswapV2Pair", expected, owner);
    assert.equal(await pair.token0(), a);
    assert.equal(await pair.token1(), b);
    const error = await reverted(factory.createPair.staticCall(a, b));
    assert.equal(error.reason, "UniswapV2: PAIR_EXISTS");
  });

  test("addLiquidity mints the geometric mean", async () => {
    const [amountA, amountB] = [parseEther("10000"), parseEther("40000")];
    await mined(router.addLiquidity(tokenA, tokenB, amountA, amountB, 0, 0, owner, DEADLINE));
    assert.deepEqual((await pair.getReserves()).toArray().slice(0, 2), [amountA, amountB]);
    assert.equal(await pair.totalSupply(), parseEther("20000"));
    assert.equal(await pair.balanceOf(owner), parseEther("20000") - MINIMUM_LIQUIDITY);
    assert.equal(await pair.balanceOf(ZeroAddress), MINIMUM_LIQUIDITY);
  });

  test("swapExactTokensForTokens pays by the formula", async () => {
    const amountIn = parseEther("100");
    const [r0, r1] = await pair.getReserves();
    const expected = amountOut(amountIn, r0, r1);
    const path = [await tokenA.getAddress(), await tokenB.getAddress()];
    assert.deepEqual((await router.getAmountsOut(amountIn, path)).toArray(), [amountIn, expected]);
    const receipt = await mined(router.swapExactTokensForTokens(amountIn, expected, path, trader, DEADLINE));
    assert.equal(await tokenB.balanceOf(trader), expected);
    const names = eventsOf(pair, receipt).map(([name]) => name);
    assert.deepEqual(names, ["Transfer", "Transfer", "Sync", "Swap"]);
    assert.deepEqual((await pair.getReserves()).toArray().slice(0, 2), [r0 + amountIn, r1 - expected]);
  });

  test("too much asked for is refused in the router's words", async () => {
    const path = [await tokenA.getAddress(), await tokenB.getAddress()];
    const error = await reverted(
      router.swapExactTokensForTokens.staticCall(1000n, parseEther("1"), path, trader, DEADLINE),
    );
    assert.equal(error.reason, "UniswapV2Router: INSUFFICIENT_OUTPUT_AMOUNT");
    const late = await reverted(router.swapExactTokensForTokens.staticCall(1000n, 0, path, trader, 1));
    assert.equal(late.reason, "UniswapV2Router: EXPIRED");
  });

  test("a pair with the native coin, and a swap of it", async () => {
    const [token, value] = [parseEther("5000"), parseEther("50")];
    await mined(router.addLiquidityETH(tokenA, token, 0, 0, owner, DEADLINE, { value }));
    const path = [await weth.getAddress(), await tokenA.getAddress()];
    const amountIn = parseEther("1");
    const expected = amountOut(amountIn, value, token);
    await mined(router.connect(trader).swapExactETHForTokens(expected, path, trader, DEADLINE, { value: amountIn }));
    assert.equal(await tokenA.balanceOf(trader), expected);
    assert.equal(await context.provider.getBalance(weth), value + amountIn);
  });

  test("removeLiquidityWithPermit: an EIP-712 signature recovered on chain", async () => {
    const liquidity = parseEther("100");
    const address = await pair.getAddress();
    const signature = Signature.from(
      await owner.signTypedData(
        { name: "Uniswap V2", version: "1", chainId: CHAIN_ID, verifyingContract: address },
        {
          Permit: [
            { name: "owner", type: "address" },
            { name: "spender", type: "address" },
            { name: "value", type: "uint256" },
            { name: "nonce", type: "uint256" },
            { name: "deadline", type: "uint256" },
          ],
        },
        { owner: owner.address, spender: await router.getAddress(), value: liquidity, nonce: 0, deadline: DEADLINE },
      ),
    );
    const [before, supply, [r0]] = [await tokenA.balanceOf(owner), await pair.totalSupply(), await pair.getReserves()];
    const { v, r, s } = signature;
    await mined(
      router.removeLiquidityWithPermit(tokenA, tokenB, liquidity, 0, 0, owner, DEADLINE, false, v, r, s),
    );
    assert.equal(await pair.nonces(owner), 1n);
    assert.equal((await tokenA.balanceOf(owner)) - before, (liquidity * r0) / supply);
  });
});
