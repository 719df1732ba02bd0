// web3.js v4 against a real node.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Web3 } from "web3";
import { artifact } from "../../lib/artifacts.mjs";
import { CHAIN_ID, startNode } from "../../lib/node.mjs";

const SUPPLY = 10n ** 21n;

let node, web3, owner, other;

before(async () => {
  node = await startNode();
  web3 = new Web3(node.url);
  web3.eth.transactionPollingInterval = 20;
  [owner, other] = await web3.eth.getAccounts();
});
after(() => node?.stop());

const deploy = (name, args = []) => {
  const { abi, bytecode } = artifact(name);
  return new web3.eth.Contract(abi).deploy({ data: bytecode, arguments: args }).send({ from: owner });
};

describe("web3.js", () => {
  let token;

  test("network and accounts", async () => {
    assert.equal(await web3.eth.getChainId(), CHAIN_ID);
    assert.equal(await web3.eth.net.getId(), CHAIN_ID);
    assert.equal(await web3.eth.getBalance(other), 10_000n * 10n ** 18n);
    assert.equal(typeof (await web3.eth.getNodeInfo()), "string");
  });

  test("deployment by the node's account", async () => {
    token = await deploy("Token", ["Web3", "WEB", SUPPLY, 2n * SUPPLY]);
    assert.equal(await token.methods.symbol().call(), "WEB");
    assert.equal(await token.methods.balanceOf(owner).call(), SUPPLY);
    assert.equal((await web3.eth.getCode(token.options.address)).length, artifact("Token").deployedBytecode.length);
  });

  test("a transaction, its events, past events", async () => {
    const receipt = await token.methods.transfer(other, 500n).send({ from: owner });
    assert.equal(receipt.status, 1n);
    assert.equal(receipt.events.Transfer.returnValues.value, 500n);
    const past = await token.getPastEvents("Transfer", { fromBlock: 0, filter: { to: other } });
    assert.deepEqual(past.map((e) => e.transactionHash), [receipt.transactionHash]);
  });

  test("a transaction signed by the client", async () => {
    const account = web3.eth.accounts.create();
    await web3.eth.sendTransaction({ from: owner, to: account.address, value: 10n ** 18n });
    web3.eth.accounts.wallet.add(account);
    const receipt = await web3.eth.sendTransaction({ from: account.address, to: other, value: 3n });
    assert.equal(receipt.status, 1n);
    assert.equal(await web3.eth.getTransactionCount(account.address), 1n);
  });

  test("reverts: custom error and reason", async () => {
    await assert.rejects(token.methods.mint(other, 3n * SUPPLY).call({ from: owner }), (error) => {
      assert.equal(error.cause.errorName, "CapExceeded");
      assert.equal(error.cause.errorArgs.available, SUPPLY);
      return true;
    });
    const counter = await deploy("Counter");
    await assert.rejects(counter.methods.decrement().call(), (error) => /already zero/.test(JSON.stringify(error.cause?.message ?? error.message)));
  });

  test("batch requests", async () => {
    const batch = new web3.BatchRequest();
    const answers = [owner, other].map((a) => batch.add({ method: "eth_getTransactionCount", params: [a, "latest"] }));
    await batch.execute();
    assert.ok((await Promise.all(answers)).every((n) => /^0x/.test(n)));
  });
});
