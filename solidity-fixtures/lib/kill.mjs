// Kills a node with a store again and again, at random instants under load, and checks that nothing acknowledged is lost.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { devWallet } from "./ethers6.mjs";
import { CHAIN_ID, rpc, startNode } from "./node.mjs";

const SENDERS = 8;
const SINK = "0x00000000000000000000000000000000000000aa";
/** How blocks are made in a round, in turn. */
const MODES = [[], ["--block-time", "0.05"], [], ["--no-mining"]];

/** Numbers from 0 to 1 that are the same for the same seed (xorshift). */
function randomNumbers(seed) {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Runs so many rounds on one store.
 * @returns what was seen: acknowledged transactions, blocks, longest start in ms, bytes of the store.
 */
export async function killRounds({ rounds, seed = Date.now(), args = [], report = () => {} }) {
  const random = randomNumbers(seed);
  const folder = mkdtempSync(join(tmpdir(), "fevm-kill-"));
  const wallets = Array.from({ length: SENDERS }, (_, n) => devWallet(n));
  const acknowledged = new Map();
  const seen = { seed, rounds, acknowledged: 0, blocks: 0, longestStart: 0, bytes: 0 };
  try {
    for (let round = 0; round <= rounds; round++) {
      const begun = Date.now();
      const mode = MODES[round % MODES.length];
      const node = await startNode(["--quiet", "--data", folder, ...mode, ...args]);
      seen.longestStart = Math.max(seen.longestStart, Date.now() - begun);
      try {
        // All of them after the last round, else those of the round before and a few others.
        const last = round === rounds;
        for (const [hash, known] of acknowledged) {
          if (last || known.round >= round - 1 || random() < 0.01) await check(node.url, hash, known);
        }
        seen.blocks = Number(await rpc(node.url, "eth_blockNumber"));
        if (last) break;
        const state = { stopped: false };
        const load = wallets.map((wallet) => send(node.url, wallet, round, acknowledged, state, random));
        // The first transaction waits for the actors to be compiled; the instant is a random one after it.
        const before = acknowledged.size;
        for (let n = 0; n < 500 && acknowledged.size === before; n++) await sleep(10);
        await sleep(random() * 500);
        state.stopped = true;
        await node.kill();
        // A request that was under way may never be settled: its connection is gone, and nothing waits for it.
        await Promise.race([Promise.all(load), sleep(2_000)]);
        report(`round ${round + 1} of ${rounds}: ${acknowledged.size} acknowledged, block ${seen.blocks}`);
      } finally {
        if (node.alive()) await node.kill();
      }
    }
    seen.acknowledged = acknowledged.size;
    seen.bytes = statSync(join(folder, "chain.redb")).size;
    return seen;
  } catch (error) {
    error.message += ` (seed ${seed}, store left in ${folder})`;
    throw Object.assign(error, { folder });
  } finally {
    if (seen.acknowledged) rmSync(folder, { recursive: true, force: true });
  }
}

/** Sends one transaction after the other until the node is gone; now and then one that must wait for its turn. */
async function send(url, wallet, round, acknowledged, state, random) {
  try {
    let nonce = Number(await rpc(url, "eth_getTransactionCount", [wallet.address, "pending"]));
    while (!state.stopped) {
      const early = random() < 0.1 ? 1 : 0;
      for (const next of early ? [nonce + 1, nonce] : [nonce]) {
        const raw = await wallet.signTransaction({
          type: 2, chainId: CHAIN_ID, nonce: next, to: SINK, value: 1n, gasLimit: 20_000_000n,
          maxFeePerGas: 1_000_000n, maxPriorityFeePerGas: 1_000n,
        });
        const hash = await rpc(url, "eth_sendRawTransaction", [raw]);
        acknowledged.set(hash, { round, block: null });
      }
      nonce += 1 + early;
    }
  } catch (error) {
    // The node was killed in between; anything that it answered is a fault.
    if (error.code !== undefined && typeof error.code === "number") {
      if (/already known|nonce too low|underpriced/.test(error.message)) return;
      throw error;
    }
  }
}

/** A transaction is in a block, always in the same one, or it waits. */
async function check(url, hash, known) {
  const transaction = await rpc(url, "eth_getTransactionByHash", [hash]);
  assert.ok(transaction, `${hash} of round ${known.round} is lost`);
  if (transaction.blockHash === null) {
    assert.equal(known.block, null, `${hash} is in no block any more`);
    return;
  }
  if (known.block) assert.equal(transaction.blockHash, known.block, `${hash} is in another block`);
  known.block = transaction.blockHash;
  const receipt = await rpc(url, "eth_getTransactionReceipt", [hash]);
  assert.equal(receipt?.blockHash, transaction.blockHash);
  assert.equal(receipt.status, "0x1");
}
