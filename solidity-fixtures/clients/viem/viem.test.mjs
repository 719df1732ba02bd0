// viem against a real node: public, wallet and test client.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  BaseError, ContractFunctionRevertedError, createPublicClient, createTestClient, createWalletClient, getContract,
  getContractAddress, http, parseEther,
} from "viem";
import { mnemonicToAccount } from "viem/accounts";
import { artifact } from "../../lib/artifacts.mjs";
import { CHAIN_ID, MNEMONIC, startNode } from "../../lib/node.mjs";

const SUPPLY = parseEther("1000");
const CAP = parseEther("2000");

let node, publicClient, owner, other, testClient;

before(async () => {
  node = await startNode();
  const chain = {
    id: Number(CHAIN_ID),
    name: "fevm",
    nativeCurrency: { name: "Filecoin", symbol: "FIL", decimals: 18 },
    rpcUrls: { default: { http: [node.url] } },
  };
  const options = { chain, transport: http(node.url), pollingInterval: 20, cacheTime: 0 };
  publicClient = createPublicClient({ ...options, batch: { multicall: false } });
  const wallet = (addressIndex) =>
    createWalletClient({ ...options, account: mnemonicToAccount(MNEMONIC, { addressIndex }) });
  [owner, other] = [wallet(0), wallet(1)];
  testClient = createTestClient({ ...options, mode: "anvil" });
});
after(() => node?.stop());

const mined = async (hash) => {
  const receipt = await publicClient.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, "success");
  return receipt;
};

async function deploy(name, args = []) {
  const { abi, bytecode } = artifact(name);
  const receipt = await mined(await owner.deployContract({ abi, bytecode, args }));
  return getContract({ abi, address: receipt.contractAddress, client: { public: publicClient, wallet: owner } });
}

/** The custom error or reason of a contract call that reverts. */
async function revertOf(promise) {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof BaseError, error);
    const revert = error.walk((e) => e instanceof ContractFunctionRevertedError);
    assert.ok(revert, error.message);
    return revert;
  }
  return assert.fail("should have reverted");
}

describe("viem", () => {
  let token;

  test("chain, balance, nonce", async () => {
    assert.equal(await publicClient.getChainId(), Number(CHAIN_ID));
    assert.equal(await publicClient.getBalance({ address: other.account.address }), parseEther("10000"));
    assert.equal(await publicClient.getTransactionCount({ address: other.account.address }), 0);
  });

  test("deployContract and getCode", async () => {
    const nonce = BigInt(await publicClient.getTransactionCount({ address: owner.account.address }));
    token = await deploy("Token", ["viem Token", "VIE", SUPPLY, CAP]);
    assert.equal(token.address.toLowerCase(), getContractAddress({ from: owner.account.address, nonce }).toLowerCase());
    const code = await publicClient.getCode({ address: token.address });
    assert.equal(code.length, artifact("Token").deployedBytecode.length);
    assert.equal(await token.read.name(), "viem Token");
    assert.equal(await token.read.balanceOf([owner.account.address]), SUPPLY);
  });

  test("simulate, estimate, write, events", async () => {
    const args = [other.account.address, 100n];
    const { result, request } = await token.simulate.transfer(args, { account: owner.account });
    assert.equal(result, true);
    const gas = await token.estimateGas.transfer(args, { account: owner.account });
    const receipt = await mined(await owner.writeContract({ ...request, gas }));
    assert.ok(receipt.gasUsed <= gas);
    const events = await token.getEvents.Transfer({ to: other.account.address }, { fromBlock: 0n });
    assert.deepEqual(events.map((e) => [e.args.value, e.transactionHash]), [[100n, receipt.transactionHash]]);
  });

  test("custom errors and reasons, decoded", async () => {
    const error = await revertOf(token.simulate.mint([other.account.address, CAP], { account: owner.account }));
    assert.equal(error.data.errorName, "CapExceeded");
    assert.deepEqual(error.data.args, [CAP, CAP - SUPPLY]);
    const counter = await deploy("Counter");
    const refusal = await revertOf(counter.simulate.decrement());
    assert.equal(refusal.reason, "Counter: already zero");
    assert.equal((await revertOf(counter.write.decrement())).reason, "Counter: already zero");
  });

  test("legacy transaction and plain transfer", async () => {
    const to = "0x00000000000000000000000000000000000a11ce";
    await mined(await other.sendTransaction({ to, value: 7n, type: "legacy" }));
    await mined(await other.sendTransaction({ to, value: 5n }));
    assert.equal(await publicClient.getBalance({ address: to }), 12n);
  });

  test("watchContractEvent and watchBlocks hear of what is new", async () => {
    const seen = new Promise((resolve, reject) => {
      const stop = token.watchEvent.Transfer(
        {},
        { onLogs: (logs) => (stop(), resolve(logs[0].args.value)), onError: reject, pollingInterval: 20 },
      );
    });
    const block = new Promise((resolve, reject) => {
      const stop = publicClient.watchBlockNumber({
        onBlockNumber: (number) => (stop(), resolve(number)), onError: reject, pollingInterval: 20,
      });
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await mined(await token.write.transfer([other.account.address, 4321n]));
    assert.equal(await seen, 4321n);
    assert.ok((await block) >= 0n);
  });

  test("test client: mine, snapshot, revert, setBalance, impersonate, time", async () => {
    const before = await publicClient.getBlockNumber();
    await testClient.mine({ blocks: 3 });
    assert.equal(await publicClient.getBlockNumber(), before + 3n);

    const snapshot = await testClient.snapshot();
    const stranger = "0x00000000000000000000000000000000000057a9";
    await testClient.setBalance({ address: stranger, value: parseEther("5") });
    assert.equal(await publicClient.getBalance({ address: stranger }), parseEther("5"));
    await testClient.impersonateAccount({ address: stranger });
    const anonymous = createWalletClient({ chain: owner.chain, transport: http(node.url), account: stranger });
    await mined(await anonymous.sendTransaction({ to: owner.account.address, value: parseEther("1") }));
    await testClient.stopImpersonatingAccount({ address: stranger });
    await testClient.revert({ id: snapshot });
    assert.equal(await publicClient.getBalance({ address: stranger }), 0n);

    const { timestamp } = await publicClient.getBlock();
    await testClient.increaseTime({ seconds: 3600 });
    await testClient.mine({ blocks: 1 });
    assert.ok((await publicClient.getBlock()).timestamp >= timestamp + 3600n);
  });
});
