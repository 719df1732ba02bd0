// Clients that misbehave: what they cost is bounded, and others are answered meanwhile.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { post, rpc, startNode } from "../../lib/node.mjs";

const MOST_MEMORY_MIB = 300;
let node;

before(async () => (node = await startNode(["--quiet"])));
after(async () => {
  assert.ok(node.alive());
  await node.stop();
});

const memory = () => Number(readFileSync(`/proc/${node.pid}/status`, "utf8").match(/VmRSS:\s+(\d+)/)[1]) / 1024;

/** The node answers, soon, and has not grown beyond measure. */
async function isWell() {
  const begun = Date.now();
  assert.equal(await rpc(node.url, "eth_chainId"), "0x1df5e76");
  assert.ok(Date.now() - begun < 2_000, `an answer took ${Date.now() - begun} ms`);
  if (process.platform === "linux") assert.ok(memory() < MOST_MEMORY_MIB, `${memory()} MiB`);
}

const sockets = (count) =>
  Promise.all(Array.from({ length: count }, () => new Promise((resolve, reject) => {
    const socket = connect(node.port, "127.0.0.1", () => resolve(socket));
    socket.on("error", reject);
  })));

const quietly = (socket) => socket.on("error", () => {}).destroy();

test("1,000 connections that say nothing", async () => {
  const idle = await sockets(1_000);
  await isWell();
  idle.forEach(quietly);
});

test("200 clients that send a request byte by byte", async () => {
  const slow = await sockets(200);
  for (const socket of slow) socket.write("POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 10000000\r\n\r\n{");
  for (let n = 0; n < 5; n++) {
    for (const socket of slow) socket.write(" ");
    await isWell();
    await sleep(20);
  }
  slow.forEach(quietly);
});

test("batches of millions, deep nesting, bodies without end", async () => {
  const millions = `[${"1,".repeat(2_000_000)}1]`;
  const bodies = [millions, "[".repeat(5_000_000), `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":${"[".repeat(1_000)}`];
  for (const body of bodies) {
    const { text } = await post(node.url, body);
    assert.match(JSON.parse(text).error.message, /batch too large|parse error/);
  }
  await Promise.all(Array.from({ length: 20 }, () => post(node.url, millions).then(({ status }) => assert.ok([200, 503].includes(status)))));
  const { status } = await post(node.url, " ".repeat(11 << 20)).catch(() => ({ status: 413 }));
  assert.equal(status, 413);
  await isWell();
});

test("subscribers that never read", async () => {
  const [from] = await rpc(node.url, "eth_accounts");
  // Logs 8,000 bytes: PUSH2 8000, PUSH1 0, LOG0.
  const runtime = "611f406000a0";
  const data = `0x600680600b6000396000f3${runtime}`;
  const hash = await rpc(node.url, "eth_sendTransaction", [{ from, data }]);
  const { contractAddress: to, status } = await rpc(node.url, "eth_getTransactionReceipt", [hash]);
  assert.equal(status, "0x1");
  const deaf = await Promise.all(Array.from({ length: 20 }, () => new Promise((resolve, reject) => {
    const socket = new WebSocket(node.url.replace("http", "ws"));
    socket.on("error", reject);
    socket.on("open", () => {
      for (let n = 0; n < 20; n++) socket.send(JSON.stringify({ jsonrpc: "2.0", id: n, method: "eth_subscribe", params: ["logs", {}] }));
      setTimeout(() => resolve((socket.pause(), socket)), 200);
    });
  })));
  for (let n = 0; n < 100; n++) await rpc(node.url, "eth_sendTransaction", [{ from, to, gas: "0x3b9aca00" }]);
  await isWell();
  for (const socket of deaf) socket.on("error", () => {}).terminate();
});

test("calls without end leave others their turn", async () => {
  const [from] = await rpc(node.url, "eth_accounts");
  // JUMPDEST, PUSH1 0, JUMP.
  const hash = await rpc(node.url, "eth_sendTransaction", [{ from, data: "0x600480600b6000396000f35b600056" }]);
  const { contractAddress: to } = await rpc(node.url, "eth_getTransactionReceipt", [hash]);
  const endless = Array.from({ length: 4 }, () => rpc(node.url, "eth_call", [{ to }, "latest"]).catch(({ message }) => message));
  await sleep(50);
  await isWell();
  const begun = Date.now();
  await rpc(node.url, "eth_getBalance", [from, "latest"]);
  assert.ok(Date.now() - begun < 2_000);
  for (const message of await Promise.all(endless)) assert.match(message, /out of gas/);
});
