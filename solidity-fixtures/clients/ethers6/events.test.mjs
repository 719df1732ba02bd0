// Logs in receipts and by eth_getLogs.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { dataLength, id, keccak256, toQuantity, toUtf8Bytes, zeroPadValue } from "ethers";
import { eventsOf, mined, useNode } from "../../lib/ethers6.mjs";
import { rpc } from "../../lib/node.mjs";

const context = useNode();

/** The three bits of a bloom filter that an address or topic sets (Yellow Paper, section 4.4.3). */
function inBloom(bloom, bytes) {
  const bits = BigInt(bloom);
  const hash = Buffer.from(keccak256(bytes).slice(2), "hex");
  return [0, 2, 4].every((i) => (bits >> BigInt(((hash[i] << 8) | hash[i + 1]) & 2047)) & 1n);
}

describe("events", () => {
  let events, sender;

  before(async () => {
    events = await context.deploy("Events");
    sender = context.wallets[0].address;
  });

  test("every shape, in order, with indexes and bloom", async () => {
    const receipt = await mined(events.all(9, "a name"));
    assert.deepEqual(receipt.logs.map((log) => log.topics.length), [0, 1, 2, 3, 4, 1]);
    assert.deepEqual(receipt.logs.map((log) => log.index), [0, 1, 2, 3, 4, 5]);
    assert.equal(BigInt(receipt.logs[0].data), 9n);
    assert.equal(receipt.logs[5].data, "0x");
    const [one, two, three, four, empty] = eventsOf(events, receipt).slice(-5);
    assert.deepEqual(one, ["One", 9n]);
    assert.deepEqual(two, ["Two", sender, 9n]);
    assert.deepEqual(three, ["Three", sender, 9n, "0x61206e616d65"]);
    assert.equal(four[0], "Four");
    assert.equal(receipt.logs[4].topics[3], id("a name"));
    assert.equal(receipt.logs[4].data, id("note"));
    assert.deepEqual(empty, ["Empty"]);

    const { logsBloom } = await rpc(context.node.url, "eth_getTransactionReceipt", [receipt.hash]);
    assert.equal(dataLength(logsBloom), 256);
    for (const log of receipt.logs) {
      for (const item of [log.address, ...log.topics]) assert.ok(inBloom(logsBloom, item), item);
    }
    assert.ok(!inBloom(logsBloom, toUtf8Bytes("never logged")));
    const block = await rpc(context.node.url, "eth_getBlockByNumber", [toQuantity(receipt.blockNumber), false]);
    for (const log of receipt.logs) assert.ok(inBloom(block.logsBloom, log.address));
  });

  test("eth_getLogs: by address, topic, alternatives, position and block hash", async () => {
    const { provider } = context;
    const first = await mined(events.all(100, "first"));
    const second = await mined(events.many(3));
    const address = await events.getAddress();
    const range = { fromBlock: first.blockNumber, toBlock: second.blockNumber };
    const two = events.interface.getEvent("Two").topicHash;
    const three = events.interface.getEvent("Three").topicHash;
    const who = zeroPadValue(sender, 32);
    const count = async (filter) => (await provider.getLogs(filter)).length;
    assert.equal(await count({ ...range, address }), 9);
    assert.equal(await count({ ...range, address, topics: [two] }), 4);
    assert.equal(await count({ ...range, address, topics: [[two, three]] }), 5);
    assert.equal(await count({ ...range, topics: [null, who] }), 6);
    assert.equal(await count({ ...range, topics: [three, null, zeroPadValue("0x64", 32)] }), 1);
    assert.equal(await count({ ...range, topics: [three, null, zeroPadValue("0x65", 32)] }), 0);
    assert.equal(await count({ blockHash: second.blockHash, address }), 3);
    assert.equal(await count({ ...range, address: sender }), 0);
    assert.equal(await count({ fromBlock: "latest", toBlock: "latest", address }), 3);
    const logs = await provider.getLogs({ ...range, address });
    const order = logs.map((log) => [log.blockNumber, log.index]);
    assert.deepEqual(order, order.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]));
  });

  test("a failed inner call takes its logs with it", async () => {
    const receipt = await mined(events.emitAroundFailure());
    assert.deepEqual(eventsOf(events, receipt), [["One", 1n], ["One", 2n]]);
  });

  test("a log of eight kilobytes", async () => {
    const receipt = await mined(events.sized(8192));
    assert.equal(dataLength(receipt.logs[0].data), 8192);
  });

  test("a listener hears of a new log", async () => {
    const heard = new Promise((resolve) => events.once("One", (value, payload) => resolve([value, payload.log.transactionHash])));
    // The listener's filter begins at the block that is the head when it is set up.
    await sleep(200);
    const receipt = await mined(events.all(55, ""));
    assert.deepEqual(await heard, [55n, receipt.hash]);
    // ethers removes its filter in the background; the provider must live until then.
    await sleep(200);
  });
});
