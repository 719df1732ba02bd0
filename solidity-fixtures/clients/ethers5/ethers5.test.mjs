// ethers v5 against a real node, over HTTP and over WebSocket.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ethers } from "ethers5";
import { artifact } from "../../lib/artifacts.mjs";
import { CHAIN_ID, MNEMONIC, startNode } from "../../lib/node.mjs";

const SUPPLY = ethers.utils.parseEther("1000");

let node, provider, owner, other;

before(async () => {
  node = await startNode();
  provider = new ethers.providers.JsonRpcProvider(node.url);
  provider.pollingInterval = 20;
  [owner, other] = [0, 1].map((n) => ethers.Wallet.fromMnemonic(MNEMONIC, `m/44'/60'/0'/0/${n}`).connect(provider));
});
after(async () => {
  provider?.removeAllListeners();
  await node?.stop();
});

async function deploy(name, args = [], signer = owner) {
  const { abi, bytecode } = artifact(name);
  return (await new ethers.ContractFactory(abi, bytecode, signer).deploy(...args)).deployed();
}

describe("ethers v5", () => {
  let token;

  test("network, deployment, views", async () => {
    assert.equal((await provider.getNetwork()).chainId, Number(CHAIN_ID));
    token = await deploy("Token", ["Five", "FIV", SUPPLY, SUPPLY.mul(2)]);
    assert.equal(await token.name(), "Five");
    assert.ok((await token.balanceOf(owner.address)).eq(SUPPLY));
    const code = await provider.getCode(token.address);
    assert.equal(code.length, artifact("Token").deployedBytecode.length);
  });

  test("a transaction and its events", async () => {
    const receipt = await (await token.transfer(other.address, 77)).wait();
    assert.equal(receipt.status, 1);
    const [event] = receipt.events;
    assert.equal(event.event, "Transfer");
    assert.equal(event.args.value.toNumber(), 77);
    const found = await token.queryFilter(token.filters.Transfer(null, other.address));
    assert.deepEqual(found.map((e) => e.transactionHash), [receipt.transactionHash]);
  });

  test("reverts, decoded", async () => {
    await assert.rejects(token.callStatic.mint(other.address, SUPPLY.mul(3)), (error) => {
      assert.equal(error.errorName, "CapExceeded");
      assert.ok(error.errorArgs.available.eq(SUPPLY));
      return true;
    });
    const counter = await deploy("Counter");
    await assert.rejects(counter.callStatic.decrement(), (error) => error.reason === "Counter: already zero");
    await assert.rejects(counter.decrement(), /Counter: already zero/);
  });

  test("accounts of the node: send, sign a message, sign typed data", async () => {
    const signer = provider.getSigner(2);
    const address = await signer.getAddress();
    await (await signer.sendTransaction({ to: other.address, value: 5 })).wait();
    assert.equal(ethers.utils.verifyMessage("five", await signer.signMessage("five")), address);
    const domain = { name: "Five", version: "1", chainId: Number(CHAIN_ID), verifyingContract: token.address };
    const types = { Mail: [{ name: "to", type: "address" }, { name: "text", type: "string" }] };
    const value = { to: other.address, text: "hello" };
    const signature = await signer._signTypedData(domain, types, value);
    assert.equal(ethers.utils.verifyTypedData(domain, types, value, signature), address);
  });

  test("over WebSocket: calls, and a subscription to logs", async () => {
    const socket = new ethers.providers.WebSocketProvider(node.url.replace("http", "ws"));
    try {
      const viaSocket = token.connect(socket);
      assert.ok((await viaSocket.totalSupply()).eq(SUPPLY));
      const heard = new Promise((resolve) => viaSocket.once("Transfer", (from, to, value) => resolve(value.toNumber())));
      await socket.getBlockNumber();
      await new Promise((resolve) => setTimeout(resolve, 200));
      await (await token.transfer(other.address, 99)).wait();
      assert.equal(await heard, 99);
    } finally {
      await socket.destroy();
    }
  });
});
