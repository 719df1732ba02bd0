// Measures development nodes side by side: start, transactions in a row, calls at the same time, memory.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Interface, Wallet } from "ethers";
import { artifact } from "./artifacts.mjs";
import { freePort } from "./node.mjs";

const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ALICE = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const token = new Interface(artifact("Token").abi);

/** A JSON-RPC client with so many connections that stay open; the least that a client can cost. */
function client(port, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const post = (body) =>
    new Promise((resolve, reject) => {
      const options = { port, host: "127.0.0.1", method: "POST", agent, headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) } };
      const sent = request(options, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks).toString()));
      });
      sent.on("error", reject);
      sent.end(body);
    });
  const call = async (method, params = []) => {
    const answer = JSON.parse(await post(JSON.stringify({ jsonrpc: "2.0", id: 1, method, params })));
    if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
    return answer.result;
  };
  return { post, call, close: () => agent.destroy() };
}

/** Memory of a process and its children, in MiB. */
function memory(pid) {
  const of = (one) => {
    const status = readFileSync(`/proc/${one}/status`, "utf8");
    const children = readFileSync(`/proc/${one}/task/${one}/children`, "utf8").trim().split(" ").filter(Boolean);
    return Number(status.match(/VmRSS:\s+(\d+)/)?.[1] ?? 0) / 1024 + children.reduce((sum, child) => sum + of(child), 0);
  };
  try {
    return of(pid);
  } catch {
    return NaN;
  }
}

/**
 * Runs one node through everything.
 * @param {{name: string, command: string[], cwd?: string, gas: object, sizes: {transactions: number, seconds: number}}} contender
 *   `command` gets ` --port N`.
 */
export async function measure({ name, command, cwd, sizes, env = {} }) {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(command[0], [...command.slice(1), "--port", String(port)], { cwd, stdio: "ignore", env: { ...process.env, ...env }, detached: true });
  const one = client(port, 1);
  const many = client(port, 16);
  try {
    for (;;) {
      try {
        await one.call("eth_chainId");
        break;
      } catch (error) {
        if (performance.now() - begun > 60_000 || child.exitCode !== null) throw new Error(`${name} does not answer: ${error.message}`);
        await sleep(5);
      }
    }
    const firstAnswer = performance.now() - begun;
    const chainId = Number(await one.call("eth_chainId"));
    const wallet = new Wallet(KEY);
    const block = await one.call("eth_getBlockByNumber", ["latest", false]);
    const fees = { maxFeePerGas: BigInt(block.baseFeePerGas) * 3n + 1_000_000n, maxPriorityFeePerGas: 1_000n, chainId, type: 2 };
    const estimate = async (transaction) => BigInt(await one.call("eth_estimateGas", [{ from: wallet.address, ...transaction }])) * 6n / 5n;

    const { bytecode } = artifact("Token");
    const data = bytecode + token.encodeDeploy(["Bench", "BEN", 10n ** 24n, 10n ** 25n]).slice(2);
    const deploy = await wallet.signTransaction({ ...fees, nonce: 0, data, gasLimit: await estimate({ data }) });
    const deployment = await receiptOf(one, await one.call("eth_sendRawTransaction", [deploy]));
    const firstDeployment = performance.now() - begun;
    if (deployment.status !== "0x1") throw new Error(`${name}: deployment failed`);
    const to = deployment.contractAddress;

    // Signed beforehand; amounts differ, so that no two are the same.
    const transfer = (amount) => token.encodeFunctionData("transfer", [ALICE, amount]);
    const gasLimit = await estimate({ to, data: transfer(10n ** 18n) });
    const total = sizes.transactions + 20;
    const signed = [];
    for (let n = 1; n <= total; n++) signed.push(await wallet.signTransaction({ ...fees, nonce: n, to, gasLimit, data: transfer(BigInt(n)) }));
    const send = async (raw) => {
      const receipt = await receiptOf(one, await one.call("eth_sendRawTransaction", [raw]));
      if (receipt.status !== "0x1") throw new Error(`${name}: transfer failed`);
    };
    for (const raw of signed.slice(0, 20)) await send(raw);
    const sending = performance.now();
    for (const raw of signed.slice(20)) await send(raw);
    const transactionsPerSecond = sizes.transactions / (performance.now() - sending) * 1_000;

    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_call", params: [{ to, data: token.encodeFunctionData("balanceOf", [ALICE]) }, "latest"] });
    const expected = await many.post(body);
    const run = async (milliseconds) => {
      let calls = 0;
      const end = performance.now() + milliseconds;
      await Promise.all(Array.from({ length: 16 }, async () => {
        while (performance.now() < end) {
          if ((await many.post(body)) !== expected) throw new Error(`${name}: calls answer differently`);
          calls += 1;
        }
      }));
      return calls / milliseconds * 1_000;
    };
    await run(500);
    const callsPerSecond = await run(sizes.seconds * 1_000);
    return { name, firstAnswer, firstDeployment, transactionsPerSecond, callsPerSecond, memory: memory(child.pid) };
  } finally {
    one.close();
    many.close();
    try {
      // npm's wrappers have children of their own.
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }
}

/** The receipt, which the nodes have when the transaction is acknowledged, or very soon after. */
async function receiptOf({ call }, hash) {
  for (;;) {
    const receipt = await call("eth_getTransactionReceipt", [hash]);
    if (receipt) return receipt;
    await sleep(1);
  }
}

/** The results as a table. */
export function table(rows) {
  const columns = [
    ["node", (row) => row.name],
    ["first answer", (row) => `${(row.firstAnswer / 1_000).toFixed(2)} s`],
    ["first deployment", (row) => `${(row.firstDeployment / 1_000).toFixed(2)} s`],
    ["transfers in a row", (row) => `${row.transactionsPerSecond.toFixed(0)}/s`],
    ["eth_call over 16 connections", (row) => `${row.callsPerSecond.toFixed(0)}/s`],
    ["memory at the end", (row) => `${row.memory.toFixed(0)} MiB`],
  ];
  const cells = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, cell]) => cell(row)))];
  const widths = columns.map((_, n) => Math.max(...cells.map((line) => line[n].length)));
  return cells.map((line) => line.map((cell, n) => n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n])).join("   ")).join("\n");
}
