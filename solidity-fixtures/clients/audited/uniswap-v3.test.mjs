// Uniswap V3 from its published bytecode: pool, position, swap, fees, flash loans.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Contract, ContractFactory, MaxUint256, ZeroAddress, parseEther } from "ethers";
import { published } from "../../lib/artifacts.mjs";
import { mined, reverted, useNode } from "../../lib/ethers6.mjs";

const context = useNode();
const FEE = 3000;
const TICKS = 887_220;
/** The square root of price 1 in Q64.96. */
const PRICE_ONE = 2n ** 96n;

const v3 = (path) => published("audited", `@uniswap/${path}.json`);
const FACTORY = "v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory";
const POOL = "v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool";
const MANAGER = "v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager";
const ROUTER = "v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter";

async function deploy(path, ...args) {
  const { abi, bytecode } = v3(path);
  return (await new ContractFactory(abi, bytecode, context.wallets[0]).deploy(...args)).waitForDeployment();
}

describe("Uniswap V3", () => {
  let owner, trader, manager, router, tokens, pool, positionId;

  before(async () => {
    [owner, trader] = context.wallets;
    const weth = await context.deploy("WETH9");
    const factory = await deploy(FACTORY);
    router = await deploy(ROUTER, factory, weth);
    // 24,384 bytes of code: close to the limit of EIP-170.
    manager = await deploy(MANAGER, factory, weth, ZeroAddress);
    const supply = parseEther("1000000");
    tokens = [];
    for (const name of ["One", "Two"]) tokens.push(await context.deploy("Token", [name, name, supply, supply]));
    tokens.sort((a, b) => (BigInt(a.target) < BigInt(b.target) ? -1 : 1));
    for (const token of tokens) {
      await mined(token.approve(manager, MaxUint256));
      await mined(token.transfer(trader, parseEther("1000")));
      await mined(token.connect(trader).approve(router, MaxUint256));
    }
    await mined(manager.createAndInitializePoolIfNecessary(tokens[0], tokens[1], FEE, PRICE_ONE));
    pool = new Contract(await factory.getPool(tokens[0], tokens[1], FEE), v3(POOL).abi, owner);
  });

  test("a pool at price one", async () => {
    const { sqrtPriceX96, tick } = await pool.slot0();
    assert.deepEqual([sqrtPriceX96, tick], [PRICE_ONE, 0n]);
    assert.equal(await pool.liquidity(), 0n);
  });

  test("mint a position over the whole range", async () => {
    const amount = parseEther("100000");
    const params = {
      token0: tokens[0], token1: tokens[1], fee: FEE, tickLower: -TICKS, tickUpper: TICKS, amount0Desired: amount,
      amount1Desired: amount, amount0Min: 0, amount1Min: 0, recipient: owner, deadline: MaxUint256,
    };
    const [id_, liquidity] = await manager.mint.staticCall(params);
    await mined(manager.mint(params));
    positionId = id_;
    assert.equal(await manager.ownerOf(positionId), owner.address);
    assert.equal(await pool.liquidity(), liquidity);
    assert.ok(liquidity > 0n);
  });

  test("swap, and collect the fee", async () => {
    const amountIn = parseEther("100");
    const params = {
      tokenIn: tokens[0], tokenOut: tokens[1], fee: FEE, recipient: trader, deadline: MaxUint256, amountIn,
      amountOutMinimum: 0, sqrtPriceLimitX96: 0,
    };
    const before = await tokens[1].balanceOf(trader);
    const expected = await router.connect(trader).exactInputSingle.staticCall(params);
    await mined(router.connect(trader).exactInputSingle(params));
    const received = (await tokens[1].balanceOf(trader)) - before;
    assert.equal(received, expected);
    // x·y = k over the whole range, after the fee of 0.3 %.
    const [x, after] = [parseEther("100000"), (amountIn * 997n) / 1000n];
    const ideal = (x * after) / (x + after);
    assert.ok(received <= ideal && ideal - received < ideal / 10n ** 9n, `${received} of ${ideal}`);

    const max = 2n ** 128n - 1n;
    const collect = { tokenId: positionId, recipient: owner, amount0Max: max, amount1Max: max };
    const [fee0, fee1] = await manager.collect.staticCall(collect);
    assert.ok(fee0 > 0n && (amountIn * 3n) / 1000n - fee0 <= 2n, `fee ${fee0}`);
    assert.equal(fee1, 0n);
    await mined(manager.collect(collect));
  });

  test("a flash loan paid back with its fee", async () => {
    const borrower = await context.deploy("FlashV3");
    await mined(tokens[0].transfer(borrower, 10n));
    await mined(borrower.borrow(pool, 1000n));
    assert.deepEqual([await borrower.seen(), await borrower.paid()], [1010n, 1003n]);
    assert.equal(await tokens[0].balanceOf(borrower), 7n);
  });

  test("too high a demand and an unpaid flash loan are refused", async () => {
    const params = {
      tokenIn: tokens[0], tokenOut: tokens[1], fee: FEE, recipient: trader, deadline: MaxUint256, amountIn: 1000n,
      amountOutMinimum: 1001n, sqrtPriceLimitX96: 0,
    };
    const error = await reverted(router.connect(trader).exactInputSingle.staticCall(params));
    assert.equal(error.reason, "Too little received");
    await reverted(pool.flash.staticCall(owner, 1000n, 0n, "0x"));
  });
});
