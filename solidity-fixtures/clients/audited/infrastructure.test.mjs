// What other contracts lean on: Multicall3, WETH9, Permit2, as published; Solady's assembly.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import { Contract, ContractFactory, TypedDataEncoder, ZeroHash, concat, hexlify, id, parseEther, toBeHex } from "ethers";
import { multicall3Abi } from "viem";
import { packageFile, published } from "../../lib/artifacts.mjs";
import { at, customError, eventsOf, mined, reverted, useNode } from "../../lib/ethers6.mjs";
import { CHAIN_ID } from "../../lib/node.mjs";

const context = useNode();

/** Runtime code of a contract that Optimism's package brings as a constant. */
function preinstalled(name) {
  const path = packageFile("audited", "@eth-optimism/contracts-bedrock/src/libraries/Preinstalls.sol");
  const [, code] = readFileSync(path, "utf8").match(new RegExp(`constant ${name} =\\s+hex"([0-9a-f]+)"`));
  return `0x${code}`;
}

/** Deploys runtime code: PUSH2 size, DUP1, PUSH1 10, PUSH0, CODECOPY, PUSH0, RETURN, then the code. */
async function install(code, abi) {
  const size = (code.length - 2) / 2;
  const init = concat(["0x61", toBeHex(size, 2), "0x80600a5f395ff3", code]);
  const contract = await new ContractFactory(abi, init, context.wallets[0]).deploy();
  await contract.waitForDeployment();
  assert.equal(await context.provider.getCode(contract), code);
  return contract;
}

describe("Multicall3", () => {
  test("batches calls, lets some fail, and sees the chain", async () => {
    const multicall = await install(preinstalled("MultiCall3Code"), multicall3Abi);
    const token = await context.deploy("Token", ["Many", "MNY", 1000n, 1000n]);
    const encode = (name, ...args) => token.interface.encodeFunctionData(name, args);
    const calls = [
      { target: token, allowFailure: false, callData: encode("balanceOf", context.wallets[0].address) },
      { target: token, allowFailure: true, callData: encode("transfer", context.wallets[1].address, 5n) },
      { target: token, allowFailure: false, callData: encode("symbol") },
    ];
    const results = await multicall.aggregate3.staticCall(calls);
    assert.deepEqual(results.map(([success]) => success), [true, false, true]);
    assert.equal(token.interface.decodeFunctionResult("balanceOf", results[0][1])[0], 1000n);
    assert.equal(token.interface.decodeFunctionResult("symbol", results[2][1])[0], "MNY");
    // Multicall3 holds no tokens: the transfer fails with the token's own error.
    assert.equal(token.interface.parseError(results[1][1]).name, "ERC20InsufficientBalance");
    calls[1].allowFailure = false;
    const error = await reverted(multicall.aggregate3.staticCall(calls));
    assert.equal(error.reason, "Multicall3: call failed");
    const views = new Contract(await multicall.getAddress(), [
      "function getChainId() view returns (uint256)",
      "function getEthBalance(address) view returns (uint256)",
    ], context.provider);
    assert.equal(await views.getChainId(), CHAIN_ID);
    const [, alice] = context.wallets;
    assert.equal(await views.getEthBalance(alice), await context.provider.getBalance(alice));
  });
});

describe("WETH9", () => {
  test("wraps by call and by plain transfer, unwraps, refuses more than there is", async () => {
    const [owner, alice] = context.wallets;
    // The contract of mainnet; the one in Uniswap's package has no fallback.
    const { abi, bytecode } = published("audited", "canonical-weth/build/contracts/WETH9.json");
    const weth = await (await new ContractFactory(abi, bytecode, owner).deploy()).waitForDeployment();
    await mined(weth.deposit({ value: 100n }));
    await mined(alice.sendTransaction({ to: weth, value: 50n }));
    assert.equal(await weth.balanceOf(alice), 50n);
    const receipt = await mined(weth.withdraw(30n));
    assert.deepEqual(eventsOf(weth, receipt), [["Withdrawal", owner.address, 30n]]);
    assert.equal(await weth.totalSupply(), 120n);
    await reverted(weth.connect(alice).withdraw.staticCall(51n));
  });
});

describe("Permit2", () => {
  const ABI = [
    "function DOMAIN_SEPARATOR() view returns (bytes32)",
    "function allowance(address,address,address) view returns (uint160 amount, uint48 expiration, uint48 nonce)",
    "function permitTransferFrom(((address token,uint256 amount) permitted,uint256 nonce,uint256 deadline) permit,(address to,uint256 requestedAmount) details,address owner,bytes signature)",
    "function permit(address owner,((address token,uint160 amount,uint48 expiration,uint48 nonce) details,address spender,uint256 sigDeadline) permitSingle,bytes signature)",
    "function transferFrom(address from,address to,uint160 amount,address token)",
    "error InvalidNonce()",
    "error SignatureExpired(uint256 signatureDeadline)",
    "error InsufficientAllowance(uint256 amount)",
  ];
  let permit2, token, owner, spender, other, domain;

  before(async () => {
    [owner, spender, other] = context.wallets;
    // Its immutables are zero in the published code: it then computes the domain by itself.
    permit2 = await install(preinstalled("Permit2TemplateCode"), ABI);
    token = await context.deploy("Token", ["Coin", "CN", 1000n, 1000n]);
    await mined(token.approve(permit2, 1000n));
    domain = { name: "Permit2", chainId: CHAIN_ID, verifyingContract: await permit2.getAddress() };
  });

  test("its domain is this chain's", async () => {
    assert.equal(await permit2.DOMAIN_SEPARATOR(), TypedDataEncoder.hashDomain(domain));
  });

  test("a signed transfer, once", async () => {
    const types = {
      PermitTransferFrom: [
        { name: "permitted", type: "TokenPermissions" },
        { name: "spender", type: "address" },
        { name: "nonce", type: "uint256" },
        { name: "deadline", type: "uint256" },
      ],
      TokenPermissions: [
        { name: "token", type: "address" },
        { name: "amount", type: "uint256" },
      ],
    };
    const { timestamp } = await context.provider.getBlock("latest");
    const permit = { permitted: { token: token.target, amount: 10n }, nonce: 7n, deadline: BigInt(timestamp + 3600) };
    const signature = await owner.signTypedData(domain, types, { ...permit, spender: spender.address });
    const transfer = [permit, { to: other.address, requestedAmount: 9n }, owner.address, signature];
    await mined(permit2.connect(spender).permitTransferFrom(...transfer));
    assert.equal(await token.balanceOf(other), 9n);
    const again = await reverted(permit2.connect(spender).permitTransferFrom.staticCall(...transfer));
    assert.equal(customError(permit2, again)[0], "InvalidNonce");
    const late = { ...permit, deadline: 1n };
    const expired = await reverted(permit2.connect(spender).permitTransferFrom.staticCall(late, ...transfer.slice(1)));
    assert.deepEqual(customError(permit2, expired), ["SignatureExpired", 1n]);
  });

  test("a signed allowance, used in parts", async () => {
    const types = {
      PermitSingle: [
        { name: "details", type: "PermitDetails" },
        { name: "spender", type: "address" },
        { name: "sigDeadline", type: "uint256" },
      ],
      PermitDetails: [
        { name: "token", type: "address" },
        { name: "amount", type: "uint160" },
        { name: "expiration", type: "uint48" },
        { name: "nonce", type: "uint48" },
      ],
    };
    const { timestamp } = await context.provider.getBlock("latest");
    const details = { token: token.target, amount: 50n, expiration: BigInt(timestamp + 3600), nonce: 0n };
    const permit = { details, spender: spender.address, sigDeadline: BigInt(timestamp + 3600) };
    const signature = await owner.signTypedData(domain, types, permit);
    await mined(permit2.permit(owner.address, permit, signature));
    const before = await token.balanceOf(other);
    await mined(permit2.connect(spender).transferFrom(owner.address, other.address, 20n, token));
    assert.equal((await token.balanceOf(other)) - before, 20n);
    const [left] = await permit2.allowance(owner.address, token, spender.address);
    assert.equal(left, 30n);
    const over = await reverted(permit2.connect(spender).transferFrom.staticCall(owner.address, other.address, 31n, token));
    assert.deepEqual(customError(permit2, over), ["InsufficientAllowance", 30n]);
  });
});

describe("Solady", () => {
  test("a token with permits, and batches by delegatecall to itself", async () => {
    const [owner, alice] = context.wallets;
    const token = await context.deploy("LeanToken");
    const encode = (name, ...args) => token.interface.encodeFunctionData(name, args);
    await mined(token.multicall([encode("mint", owner.address, 100n), encode("transfer", alice.address, 40n)]));
    assert.deepEqual([await token.balanceOf(owner), await token.balanceOf(alice)], [60n, 40n]);
    const error = await reverted(token.multicall.staticCall([encode("transfer", alice.address, 61n)]));
    assert.equal(customError(token, error)[0], "InsufficientBalance");
    assert.equal(await token.DOMAIN_SEPARATOR(), TypedDataEncoder.hashDomain({
      name: "Lean", version: "1", chainId: CHAIN_ID, verifyingContract: token.target,
    }));
  });

  test("clones with arguments at foretold addresses; data as code", async () => {
    const factory = await context.deploy("LeanFactory");
    const implementation = await context.deploy("LeanToken");
    const args = hexlify(new Uint8Array(200).map((_, n) => n));
    const foretold = await factory.predict(implementation, args, id("salt"));
    const receipt = await mined(factory.clone(implementation, args, id("salt")));
    assert.deepEqual(eventsOf(factory, receipt), [["Cloned", foretold]]);
    assert.equal(await factory.argsOf(foretold), args);
    const clone = at("LeanToken", foretold, context.wallets[0]);
    await mined(clone.mint(context.wallets[2], 3n));
    assert.deepEqual([await clone.totalSupply(), await implementation.totalSupply()], [3n, 0n]);
    await reverted(factory.clone.staticCall(implementation, args, id("salt")));

    const data = concat([id("data"), ZeroHash]);
    const [[, pointer]] = eventsOf(factory, await mined(factory.write(data)));
    assert.equal(await factory.read(pointer), data);
    assert.equal(await context.provider.getCode(pointer), concat(["0x00", data]));
  });

  test("ERC-6909", async () => {
    const [owner, alice, bob] = context.wallets;
    const multi = await context.deploy("LeanMulti");
    await mined(multi.mint(owner, 1n, parseEther("1")));
    await mined(multi["approve(address,uint256,uint256)"](alice, 1n, 5n));
    await mined(multi.connect(alice).transferFrom(owner, bob, 1n, 5n));
    assert.equal(await multi.balanceOf(bob, 1n), 5n);
    const error = await reverted(multi.connect(alice).transferFrom.staticCall(owner, bob, 1n, 1n));
    assert.equal(customError(multi, error)[0], "InsufficientPermission");
  });
});
