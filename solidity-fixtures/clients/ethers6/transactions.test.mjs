// Sending: kinds of transactions, fees, nonces, parallel sends, batches, blocks and look-ups.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { JsonRpcProvider, NonceManager, Transaction, Wallet, hashMessage, id, parseEther, recoverAddress, toQuantity } from "ethers";
import { artifact } from "../../lib/artifacts.mjs";
import { mined, useNode } from "../../lib/ethers6.mjs";
import { CHAIN_ID, FUNDS, post, rpc } from "../../lib/node.mjs";

const context = useNode();

describe("network and accounts", () => {
  test("chain ID and client version", async () => {
    assert.equal((await context.provider.getNetwork()).chainId, CHAIN_ID);
    assert.equal(await rpc(context.node.url, "net_version"), CHAIN_ID.toString());
    assert.equal(typeof (await rpc(context.node.url, "web3_clientVersion")), "string");
  });

  test("ten accounts of the development mnemonic with their funds", async () => {
    const accounts = await rpc(context.node.url, "eth_accounts");
    assert.deepEqual(accounts.map((a) => a.toLowerCase()), context.wallets.map((w) => w.address.toLowerCase()));
    for (const wallet of context.wallets) {
      assert.equal(await context.provider.getBalance(wallet), parseEther(FUNDS.toString()));
      assert.equal(await context.provider.getTransactionCount(wallet), 0);
    }
  });
});

describe("transactions", () => {
  test("a transfer moves the value, and the fee that the receipt states", async () => {
    const { provider, wallets } = context;
    const [sender] = wallets;
    const receiver = Wallet.createRandom().address;
    const [funds, nonce] = [await provider.getBalance(sender), await sender.getNonce()];
    const value = parseEther("1.5");
    const receipt = await mined(sender.sendTransaction({ to: receiver, value }));
    assert.equal(await provider.getBalance(receiver), value);
    assert.equal(await provider.getTransactionCount(receiver), 0);
    assert.equal(await sender.getNonce(), nonce + 1);
    // All that was paid, what Filecoin burns for gas over-estimated included.
    const paid = funds - (await provider.getBalance(sender)) - value;
    assert.equal(paid, receipt.gasUsed * receipt.gasPrice);
  });

  test("the receiver can spend what it got at once", async () => {
    const fresh = Wallet.createRandom().connect(context.provider);
    await mined(context.wallets[0].sendTransaction({ to: fresh.address, value: parseEther("2") }));
    await mined(fresh.sendTransaction({ to: context.wallets[1].address, value: parseEther("1") }));
    assert.equal(await fresh.getNonce(), 1);
  });

  test("legacy and EIP-1559 transactions", async () => {
    const [sender] = context.wallets;
    for (const type of [0, 2]) {
      const receipt = await mined(sender.sendTransaction({ type, to: context.wallets[1].address, value: 1n }));
      assert.equal(receipt.type, type);
      const transaction = await context.provider.getTransaction(receipt.hash);
      assert.equal(transaction.type, type);
      assert.equal(transaction.from, sender.address);
      assert.equal(transaction.chainId, CHAIN_ID);
      // What the node gives back is what was signed.
      assert.equal(Transaction.from(transaction).hash, receipt.hash);
      assert.equal(Transaction.from(transaction).from, sender.address);
    }
  });

  test("a legacy transaction without chain ID (Homestead)", async () => {
    const sender = context.wallets[2];
    const request = {
      type: 0, to: context.wallets[1].address, value: 5n, nonce: await sender.getNonce(), chainId: 0,
      gasLimit: await sender.estimateGas({ to: context.wallets[1].address, value: 5n }),
      gasPrice: (await context.provider.getFeeData()).gasPrice * 2n,
    };
    const unsigned = Transaction.from(request);
    unsigned.signature = sender.signingKey.sign(unsigned.unsignedHash);
    assert.equal(unsigned.chainId, 0n);
    await mined(context.provider.broadcastTransaction(unsigned.serialized));
  });

  test("eth_sendTransaction signs for an unlocked account", async () => {
    const signer = await context.provider.getSigner(4);
    const before = await context.provider.getBalance(context.wallets[5]);
    const receipt = await mined(signer.sendTransaction({ to: context.wallets[5].address, value: 321n }));
    assert.equal(receipt.from, context.wallets[4].address);
    assert.equal(await context.provider.getBalance(context.wallets[5]), before + 321n);
  });

  test("messages signed by the node", async () => {
    const signer = await context.provider.getSigner(4);
    const signature = await signer.signMessage("hello");
    assert.equal(recoverAddress(hashMessage("hello"), signature), context.wallets[4].address);
  });

  test("twenty sent at once, nonces counted by the client", async () => {
    const manager = new NonceManager(context.wallets[6]);
    const counter = (await context.deploy("Counter")).connect(manager);
    const gasLimit = (await counter.increment.estimateGas()) * 2n;
    const sent = await Promise.all(Array.from({ length: 20 }, () => counter.increment({ gasLimit })));
    const receipts = await Promise.all(sent.map((response) => response.wait()));
    assert.ok(receipts.every((receipt) => receipt.status === 1));
    assert.equal(await counter.count(), 20n);
    assert.equal(await context.wallets[6].getNonce(), 20);
  });

  test("nonces that arrive in the wrong order wait for each other", async () => {
    const sender = context.wallets[7];
    const to = context.wallets[8].address;
    const { maxFeePerGas, maxPriorityFeePerGas } = await context.provider.getFeeData();
    const gasLimit = (await sender.estimateGas({ to, value: 1n })) * 2n;
    const sign = (nonce) =>
      sender.signTransaction({ type: 2, chainId: CHAIN_ID, to, value: 1n, nonce, gasLimit, maxFeePerGas, maxPriorityFeePerGas });
    const later = await context.provider.broadcastTransaction(await sign(1));
    assert.equal(await context.provider.getTransactionReceipt(later.hash), null);
    assert.equal((await context.provider.getTransaction(later.hash)).blockNumber, null);
    const earlier = await context.provider.broadcastTransaction(await sign(0));
    await mined(earlier);
    await mined(later);
    assert.equal(await sender.getNonce(), 2);
  });

  test("a hundred in a row, each mined when the send returns", async () => {
    const counter = await context.deploy("Counter");
    const data = counter.interface.encodeFunctionData("increment");
    const from = context.wallets[9].address;
    const gas = toQuantity((await counter.increment.estimateGas()) * 2n);
    for (let i = 0; i < 100; i++) {
      const hash = await rpc(context.node.url, "eth_sendTransaction", [{ from, to: counter.target, data, gas }]);
      const receipt = await rpc(context.node.url, "eth_getTransactionReceipt", [hash]);
      assert.equal(receipt?.status, "0x1", `receipt of transaction ${i}`);
    }
    assert.equal(await counter.count(), 100n);
  });
});

describe("blocks and look-ups", () => {
  let receipt, block;

  before(async () => {
    receipt = await mined(context.wallets[0].sendTransaction({ to: context.wallets[1].address, value: 1n }));
    block = await rpc(context.node.url, "eth_getBlockByNumber", [toQuantity(receipt.blockNumber), true]);
  });

  test("a block and its transaction agree", async () => {
    assert.equal(block.hash, receipt.blockHash);
    assert.ok(block.transactions.some((t) => t.hash === receipt.hash));
    const byHash = await rpc(context.node.url, "eth_getBlockByHash", [block.hash, false]);
    assert.deepEqual(byHash.transactions, block.transactions.map((t) => t.hash));
    assert.equal(byHash.number, block.number);
    const byIndex = await rpc(context.node.url, "eth_getTransactionByBlockHashAndIndex", [block.hash, toQuantity(receipt.index)]);
    assert.equal(byIndex.hash, receipt.hash);
    assert.equal(BigInt(block.gasUsed), receipt.cumulativeGasUsed);
  });

  test("each block points to its parent", async () => {
    let child = block;
    for (let i = 0; i < 5; i++) {
      const parent = await rpc(context.node.url, "eth_getBlockByHash", [child.parentHash, false]);
      assert.ok(parent, `parent of block ${Number(child.number)}`);
      assert.ok(Number(parent.number) < Number(child.number));
      assert.ok(Number(parent.timestamp) <= Number(child.timestamp));
      child = parent;
    }
  });

  test("state of the past", async () => {
    const [sender] = context.wallets;
    const now = await sender.getNonce();
    assert.equal(await context.provider.getTransactionCount(sender, receipt.blockNumber - 1), now - 1);
    const balances = [receipt.blockNumber - 1, receipt.blockNumber].map((n) => context.provider.getBalance(context.wallets[1], n));
    const [before, after] = await Promise.all(balances);
    assert.equal(after - before, 1n);
  });

  test("what does not exist is null", async () => {
    const { provider } = context;
    assert.equal(await provider.getTransaction(id("nothing")), null);
    assert.equal(await provider.getTransactionReceipt(id("nothing")), null);
    assert.equal(await provider.getBlock(id("nothing")), null);
    assert.equal(await rpc(context.node.url, "eth_getBlockByNumber", ["0xffffff", false]), null);
  });

  test("fees: price, tip, history", async () => {
    const { gasPrice, maxFeePerGas, maxPriorityFeePerGas } = await context.provider.getFeeData();
    assert.ok(gasPrice > 0n && maxFeePerGas >= maxPriorityFeePerGas);
    const history = await rpc(context.node.url, "eth_feeHistory", ["0x4", "latest", [25, 75]]);
    assert.equal(history.baseFeePerGas.length, history.gasUsedRatio.length + 1);
    assert.equal(history.reward.length, history.gasUsedRatio.length);
    assert.ok(history.reward.every((row) => row.length === 2));
  });
});

describe("batches", () => {
  test("ethers joins what is asked at once", async () => {
    const provider = new JsonRpcProvider(context.node.url, undefined, { batchStallTime: 20 });
    const balances = await Promise.all(context.wallets.map((w) => provider.getBalance(w)));
    assert.equal(balances.length, 10);
    provider.destroy();
  });

  test("a batch is answered in full, errors beside results", async () => {
    const { text } = await post(context.node.url, [
      { jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] },
      { jsonrpc: "2.0", id: "two", method: "eth_noSuchMethod", params: [] },
      { jsonrpc: "2.0", id: 3, method: "eth_call", params: [{ data: artifact("Counter").bytecode }, "latest"] },
    ]);
    const answers = new Map(JSON.parse(text).map((answer) => [answer.id, answer]));
    assert.equal(answers.size, 3);
    assert.equal(BigInt(answers.get(1).result), CHAIN_ID);
    assert.equal(answers.get("two").error.code, -32601);
    // A creation that is only called gives the code that it would deploy.
    assert.equal(answers.get(3).result, artifact("Counter").deployedBytecode);
  });
});
