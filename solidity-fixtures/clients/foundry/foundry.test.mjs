// A Foundry project against a real node: forge create, forge script --broadcast, forge test on a fork.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Contract, JsonRpcProvider, id, parseEther } from "ethers";
import { foundry } from "../../lib/foundry.mjs";
import { CHAIN_ID, startNode } from "../../lib/node.mjs";

const run = promisify(execFile);
const project = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "projects", "foundry");
/** The first account of the development mnemonic. */
const OWNER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const ABI = [
  "function totalAssets() view returns (uint256)",
  "function balanceOf(address) view returns (uint256)",
  "function asset() view returns (address)",
];

let node, provider;

before(async () => {
  rmSync(join(project, "broadcast"), { recursive: true, force: true });
  node = await startNode();
  provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
});
after(async () => {
  provider?.destroy();
  await node?.stop();
});

/** Runs forge in the project; its standard output. */
async function forge(args, environment = {}) {
  const env = { ...process.env, ETH_RPC_URL: node.url, NO_COLOR: "1", FOUNDRY_DISABLE_NIGHTLY_WARNING: "1", ...environment };
  const { stdout } = await run(foundry("forge", project), args, { cwd: project, env });
  return stdout;
}

describe("Foundry", () => {
  let savings;

  test("forge create", async () => {
    const output = await forge([
      "create", "src/Savings.sol:Asset", "--broadcast", "--json", "--private-key", KEY, "--constructor-args", "1000", OWNER,
    ]);
    const { deployedTo, deployer } = JSON.parse(output);
    assert.equal(deployer, OWNER);
    assert.equal(await new Contract(deployedTo, ABI, provider).balanceOf(OWNER), 1000n);
  });

  test("forge script --broadcast, with CREATE2 by the deterministic deployer", async () => {
    // Ethereum gas, which forge would simulate by itself, says nothing here: --skip-simulation asks the node.
    const output = await forge([
      "script", "script/Deploy.s.sol", "--sig", "run(bytes32)", id("salt"), "--rpc-url", node.url, "--private-key", KEY,
      "--broadcast", "--skip-simulation", "--json",
    ]);
    const lines = output.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    const receipts = lines.filter((line) => line.tx_hash);
    assert.equal(receipts.length, 4);
    assert.ok(receipts.every((r) => r.status === "success" && BigInt(r.chain) === CHAIN_ID));
    savings = receipts.find((r) => r.contract_address).contract_address;
    const contract = new Contract(savings, ABI, provider);
    assert.equal(await contract.totalAssets(), parseEther("1000"));
    assert.equal(await new Contract(await contract.asset(), ABI, provider).balanceOf(OWNER), parseEther("999000"));
  });

  test("forge test --fork-url reads the node's state", async () => {
    const output = await forge(["test", "--fork-url", node.url, "--json"], { SAVINGS: savings, OWNER });
    const [suite] = Object.values(JSON.parse(output.trim().split("\n").at(-1)));
    const results = Object.entries(suite.test_results);
    assert.equal(results.length, 2);
    for (const [name, { status, reason }] of results) assert.equal(status, "Success", `${name}: ${reason}`);
  });
});
