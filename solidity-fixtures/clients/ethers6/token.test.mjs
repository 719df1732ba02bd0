// An OpenZeppelin ERC-20 by ethers v6: deployment, calls, transactions, receipts, logs, code, storage, errors.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { AbiCoder, ZeroAddress, dataLength, getCreateAddress, id, keccak256, parseEther, zeroPadValue } from "ethers";
import { artifact } from "../../lib/artifacts.mjs";
import { customError, eventsOf, mined, minedFailure, reverted, useNode } from "../../lib/ethers6.mjs";

const SUPPLY = parseEther("1000000");
const CAP = parseEther("1500000");
const context = useNode();

describe("ERC-20 by ethers v6", () => {
  let token, owner, alice, bob;

  before(async () => {
    [owner, alice, bob] = context.wallets;
    token = await context.deploy("Token", ["Fixture Token", "FIX", SUPPLY, CAP]);
  });

  test("deployment: address, receipt, code", async () => {
    const { provider } = context;
    const transaction = token.deploymentTransaction();
    const receipt = await provider.getTransactionReceipt(transaction.hash);
    const address = await token.getAddress();
    assert.equal(address, getCreateAddress({ from: owner.address, nonce: transaction.nonce }));
    assert.equal(receipt.contractAddress, address);
    assert.equal(receipt.to, null);
    assert.equal(receipt.from, owner.address);
    assert.equal(receipt.status, 1);
    assert.equal(receipt.type, 2);
    assert.ok(receipt.gasUsed > 0n && receipt.gasUsed <= transaction.gasLimit);
    assert.ok(receipt.cumulativeGasUsed >= receipt.gasUsed);
    assert.ok(receipt.gasPrice > 0n, "effectiveGasPrice");
    assert.deepEqual(eventsOf(token, receipt), [["Transfer", ZeroAddress, owner.address, SUPPLY]]);
    // The two immutables apart, the code is the compiler's.
    const code = await provider.getCode(address);
    const compiled = artifact("Token").deployedBytecode;
    assert.equal(dataLength(code), dataLength(compiled));
    assert.equal(code.slice(0, 100), compiled.slice(0, 100));
  });

  test("code without immutables is byte for byte the compiler's", async () => {
    const counter = await context.deploy("Counter");
    assert.equal(await context.provider.getCode(counter), artifact("Counter").deployedBytecode);
    assert.equal(await context.provider.getCode(alice.address), "0x");
  });

  test("views", async () => {
    assert.equal(await token.name(), "Fixture Token");
    assert.equal(await token.symbol(), "FIX");
    assert.equal(await token.decimals(), 18n);
    assert.equal(await token.totalSupply(), SUPPLY);
    assert.equal(await token.cap(), CAP);
    assert.equal(await token.owner(), owner.address);
    assert.equal(await token.balanceOf(owner), SUPPLY);
    assert.equal(await token.balanceOf(bob), 0n);
  });

  test("transfer: receipt, log, balances, storage", async () => {
    const { provider } = context;
    const address = await token.getAddress();
    const amount = parseEther("123.456");
    const receipt = await mined(token.transfer(alice, amount));
    assert.equal(receipt.to, address);
    assert.equal(receipt.contractAddress, null);
    assert.equal(receipt.logs.length, 1);
    const [log] = receipt.logs;
    assert.equal(log.address, address);
    assert.deepEqual([...log.topics], [
      id("Transfer(address,address,uint256)"),
      zeroPadValue(owner.address, 32).toLowerCase(),
      zeroPadValue(alice.address, 32).toLowerCase(),
    ]);
    assert.equal(BigInt(log.data), amount);
    assert.equal(log.transactionHash, receipt.hash);
    assert.equal(log.blockHash, receipt.blockHash);
    assert.equal(await token.balanceOf(alice), amount);
    assert.equal(await token.balanceOf(owner), SUPPLY - amount);
    // _balances is OpenZeppelin's slot 0.
    const slot = keccak256(AbiCoder.defaultAbiCoder().encode(["address", "uint256"], [alice.address, 0]));
    assert.equal(BigInt(await provider.getStorage(address, slot)), amount);
    const found = await token.queryFilter(token.filters.Transfer(owner, alice));
    assert.deepEqual(found.map((event) => event.transactionHash), [receipt.hash]);
  });

  test("approve and transferFrom", async () => {
    const fromAlice = token.connect(alice);
    const fromBob = token.connect(bob);
    const before = await token.balanceOf(alice);
    const approval = await mined(fromAlice.approve(bob, 1000n));
    assert.deepEqual(eventsOf(token, approval), [["Approval", alice.address, bob.address, 1000n]]);
    assert.equal(await token.allowance(alice, bob), 1000n);
    await mined(fromBob.transferFrom(alice, bob, 400n));
    assert.equal(await token.allowance(alice, bob), 600n);
    assert.equal(await token.balanceOf(alice), before - 400n);
    assert.equal(await token.balanceOf(bob), 400n);
    const error = await reverted(fromBob.transferFrom.staticCall(alice, bob, 601n));
    assert.deepEqual(customError(token, error), ["ERC20InsufficientAllowance", bob.address, 600n, 601n]);
  });

  test("our custom error, decoded from a call and from an estimate", async () => {
    const tooMuch = CAP - SUPPLY + 1n;
    for (const attempt of [token.mint.staticCall(alice, tooMuch), token.mint.estimateGas(alice, tooMuch)]) {
      const error = await reverted(attempt);
      assert.deepEqual(customError(token, error), ["CapExceeded", tooMuch, CAP - SUPPLY]);
    }
    const error = await reverted(token.connect(bob).mint.staticCall(bob, 1n));
    assert.deepEqual(customError(token, error), ["NotOwner", bob.address]);
  });

  test("a mined failure changes nothing but the sender's nonce and balance", async () => {
    const { provider } = context;
    const nonce = await owner.getNonce();
    const [supply, funds] = [await token.totalSupply(), await provider.getBalance(owner)];
    const gasLimit = (await token.mint.estimateGas(alice, 1n)) * 2n;
    const receipt = await minedFailure(token.mint(alice, CAP, { gasLimit }));
    assert.equal(receipt.logs.length, 0);
    assert.ok(receipt.gasUsed > 0n && receipt.gasUsed <= gasLimit);
    assert.equal(await token.totalSupply(), supply);
    assert.equal(await owner.getNonce(), nonce + 1);
    assert.ok((await provider.getBalance(owner)) < funds);
  });

  test("an estimate suffices and is at most 30 % high", async () => {
    const cases = [
      [token, "transfer", [alice, 1n]],
      [token, "transfer", [context.wallets[7], 1n]],
      [token, "approve", [bob, 5n]],
      [token, "mint", [bob, 1n]],
      [token, "burn", [1n]],
    ];
    for (const [contract, name, args] of cases) {
      const gasLimit = await contract[name].estimateGas(...args);
      const receipt = await mined(contract[name](...args, { gasLimit }));
      assert.ok(gasLimit * 10n <= receipt.gasUsed * 13n, `${name}: estimate ${gasLimit}, used ${receipt.gasUsed}`);
    }
  });

  test("mint and burn move the supply", async () => {
    const before = await token.totalSupply();
    await mined(token.mint(bob, 50n));
    await mined(token.connect(bob).burn(20n));
    assert.equal(await token.totalSupply(), before + 30n);
  });
});
