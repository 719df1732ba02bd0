// Foundry's `cast` against a real node: every command that a deployment and its inspection need.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { artifact } from "../../lib/artifacts.mjs";
import { foundry } from "../../lib/foundry.mjs";
import { CHAIN_ID, startNode } from "../../lib/node.mjs";

const run = promisify(execFile);
const program = foundry("cast");
/** The first two accounts of the development mnemonic. */
const OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const OWNER_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const OTHER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const OTHER_KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const SUPPLY = 10n ** 24n;

let node;

/** Runs cast against the node; its standard output. */
async function cast(...args) {
  const { stdout } = await run(program, args, { env: { ...process.env, ETH_RPC_URL: node.url, NO_COLOR: "1" } });
  return stdout.trim();
}

/** Runs cast, which must fail; what it says. */
async function castFails(...args) {
  try {
    await cast(...args);
  } catch (error) {
    return error.stderr;
  }
  return assert.fail(`cast ${args[0]} should have failed`);
}

const send = async (key, ...args) => JSON.parse(await cast("send", "--json", "--private-key", key, ...args));
const number = (text) => BigInt(text.split(" ")[0]);

before(async () => {
  node = await startNode();
});
after(() => node?.stop());

describe("cast", () => {
  let token, deployment;

  test("chain-id, client, block-number, gas-price", async () => {
    assert.equal(await cast("chain-id"), CHAIN_ID.toString());
    assert.notEqual(await cast("client"), "");
    assert.match(await cast("block-number"), /^\d+$/);
    assert.ok(BigInt(await cast("gas-price")) > 0n);
    assert.match(await cast("base-fee"), /^\d+$/);
  });

  test("balance and nonce of an untouched account", async () => {
    assert.equal(await cast("balance", OTHER), (10_000n * 10n ** 18n).toString());
    assert.equal(await cast("balance", "--ether", OTHER), "10000.000000000000000000");
    assert.equal(await cast("nonce", OTHER), "0");
  });

  test("send --create deploys", async () => {
    const args = await cast("abi-encode", "f(string,string,uint256,uint256)", "Cast Token", "CST", SUPPLY, 2n * SUPPLY);
    const expected = (await cast("compute-address", OWNER)).split(" ").at(-1);
    deployment = await send(OWNER_KEY, "--create", artifact("Token").bytecode + args.slice(2));
    assert.equal(deployment.status, "0x1");
    assert.equal(deployment.contractAddress.toLowerCase(), expected.toLowerCase());
    token = deployment.contractAddress;
  });

  test("code, codesize; codehash, which asks for a proof that Filecoin has not", async () => {
    const code = await cast("code", token);
    assert.equal(code.length, artifact("Token").deployedBytecode.length);
    assert.equal(await cast("codesize", token), String((code.length - 2) / 2));
    assert.match(await castFails("codehash", token), /eth_getProof is not available on Filecoin/);
    assert.equal(await cast("code", OTHER), "0x");
  });

  test("call, decoded", async () => {
    assert.equal(await cast("call", token, "name()(string)"), '"Cast Token"');
    assert.equal(number(await cast("call", token, "balanceOf(address)(uint256)", OWNER)), SUPPLY);
    // Gas and sender given, as `cast call --from` does.
    assert.equal(await cast("call", "--from", OTHER, token, "transfer(address,uint256)(bool)", OWNER, "0"), "true");
  });

  test("estimate, then a send with a signed key", async () => {
    const gas = BigInt(await cast("estimate", "--from", OWNER, token, "transfer(address,uint256)", OTHER, "1000"));
    const receipt = await send(OWNER_KEY, token, "transfer(address,uint256)", OTHER, "1000", "--gas-limit", gas);
    assert.equal(receipt.status, "0x1");
    assert.ok(BigInt(receipt.gasUsed) <= gas);
    assert.equal(number(await cast("call", token, "balanceOf(address)(uint256)", OTHER)), 1000n);
    assert.equal(await cast("nonce", OWNER), "2");
  });

  test("send --unlocked lets the node sign", async () => {
    const receipt = JSON.parse(
      await cast("send", "--json", "--unlocked", "--from", OTHER, token, "transfer(address,uint256)", OWNER, "10"),
    );
    assert.equal(receipt.status, "0x1");
    assert.equal(receipt.from.toLowerCase(), OTHER.toLowerCase());
  });

  test("send --legacy", async () => {
    const receipt = await send(OTHER_KEY, "--legacy", OWNER, "--value", "1gwei");
    assert.equal(receipt.status, "0x1");
    assert.equal(receipt.type, "0x0");
  });

  test("receipt and transaction by hash", async () => {
    const hash = deployment.transactionHash;
    assert.equal(await cast("receipt", hash, "status"), "true");
    const receipt = JSON.parse(await cast("receipt", "--json", hash));
    assert.equal(receipt.blockHash, deployment.blockHash);
    const transaction = JSON.parse(await cast("tx", "--json", hash));
    assert.equal(transaction.from.toLowerCase(), OWNER.toLowerCase());
    assert.equal(transaction.input.slice(0, 100), artifact("Token").bytecode.slice(0, 100));
    const block = JSON.parse(await cast("block", "--json", BigInt(receipt.blockNumber).toString()));
    assert.ok(block.transactions.includes(hash));
  });

  test("logs", async () => {
    const logs = JSON.parse(
      await cast("logs", "--json", "--from-block", "0", "--address", token, "Transfer(address indexed,address indexed,uint256)"),
    );
    assert.equal(logs.length, 3);
    assert.ok(logs.every((log) => log.address.toLowerCase() === token.toLowerCase()));
    assert.equal(BigInt(logs[1].data), 1000n);
  });

  test("storage by slot and by mapping index", async () => {
    // OpenZeppelin's ERC20: balances in slot 0, the supply in slot 2.
    assert.equal(BigInt(await cast("storage", token, "2")), SUPPLY);
    const slot = await cast("index", "address", OTHER, "0");
    assert.equal(BigInt(await cast("storage", token, slot)), 990n);
  });

  test("a revert with a custom error, by call, estimate and send", async () => {
    const selector = await cast("sig", "ERC20InsufficientBalance(address,uint256,uint256)");
    const tooMuch = ["transfer(address,uint256)", OTHER, (3n * SUPPLY).toString()];
    for (const command of [
      ["call", "--from", OWNER, token, ...tooMuch],
      ["estimate", "--from", OWNER, token, ...tooMuch],
      ["send", "--private-key", OWNER_KEY, token, ...tooMuch],
    ]) {
      const words = await castFails(...command);
      assert.match(words, /revert/);
      assert.ok(words.includes(selector.slice(2)) || words.includes("ERC20InsufficientBalance"), words);
    }
  });

  test("a revert with a reason", async () => {
    const counter = (await send(OWNER_KEY, "--create", artifact("Counter").bytecode)).contractAddress;
    assert.match(await castFails("call", counter, "decrement()"), /Counter: already zero/);
    const receipt = await send(OWNER_KEY, counter, "add(uint256)", "41");
    assert.equal(receipt.logs.length, 1);
    assert.equal(number(await cast("call", counter, "count()(uint256)")), 41n);
  });

  test("a failed transaction has status 0", async () => {
    const receipt = await send(OWNER_KEY, token, "burn(uint256)", (5n * SUPPLY).toString(), "--gas-limit", "500000000");
    assert.equal(receipt.status, "0x0");
  });

  test("publish a transaction signed offline", async () => {
    const raw = await cast("mktx", "--private-key", OTHER_KEY, OWNER, "--value", "5");
    const hash = JSON.parse(await cast("publish", raw)).transactionHash;
    assert.equal(await cast("receipt", hash, "status"), "true");
  });

  test("rpc: raw methods", async () => {
    assert.equal(BigInt(JSON.parse(await cast("rpc", "eth_chainId"))), CHAIN_ID);
    assert.match(await castFails("rpc", "eth_noSuchMethod"), /32601/);
  });
});
