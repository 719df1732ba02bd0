// A node with an ethers v6 provider and funded wallets, for a test file.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { Contract, ContractFactory, HDNodeWallet, JsonRpcProvider, Mnemonic } from "ethers";
import { artifact } from "./artifacts.mjs";
import { MNEMONIC, startNode } from "./node.mjs";

/** The n-th development account, without a provider. */
export function devWallet(n) {
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(MNEMONIC), `m/44'/60'/0'/0/${n}`);
}

/**
 * Registers hooks that start a node before a file's tests and stop it after them. The object is filled when
 * the hooks have run: `node`, `provider`, `wallets` (ten), `deploy(name, args, overrides)`.
 */
export function useNode(args = []) {
  const context = {};
  before(async () => {
    context.node = await startNode(args);
    // No cache: every question is the node's to answer. Fast polling: blocks come at once.
    context.provider = new JsonRpcProvider(context.node.url, undefined, { cacheTimeout: -1, pollingInterval: 20 });
    context.wallets = Array.from({ length: 10 }, (_, n) => devWallet(n).connect(context.provider));
    context.deploy = async (name, constructorArgs = [], overrides = {}, signer = context.wallets[0]) => {
      const { abi, bytecode } = artifact(name);
      const contract = await new ContractFactory(abi, bytecode, signer).deploy(...constructorArgs, overrides);
      await contract.waitForDeployment();
      return contract;
    };
  });
  after(async () => {
    context.provider?.destroy();
    await context.node?.stop();
  });
  return context;
}

/** A contract of the fixtures at an address. */
export function at(name, address, runner) {
  return new Contract(address, artifact(name).abi, runner);
}

/** Sends by `send()` and gives the receipt, which must be of success. */
export async function mined(sending) {
  const receipt = await (await sending).wait();
  assert.equal(receipt.status, 1);
  return receipt;
}

/** The receipt of a transaction that is mined and fails; ethers throws it. */
export async function minedFailure(sending) {
  const response = await sending;
  try {
    await response.wait();
  } catch (error) {
    assert.equal(error.code, "CALL_EXCEPTION", error.message);
    assert.equal(error.receipt.status, 0);
    return error.receipt;
  }
  return assert.fail(`${response.hash} should have failed`);
}

/** The error of an eth_call or estimate that reverts; `reason` and `data` as ethers found them. */
export async function reverted(promise) {
  try {
    await promise;
  } catch (error) {
    assert.equal(error.code, "CALL_EXCEPTION", error.message);
    return error;
  }
  return assert.fail("should have reverted");
}

/** The custom error in an exception, by a contract's interface: `[name, args...]`. */
export function customError(contract, error) {
  const parsed = contract.interface.parseError(error.data);
  assert.ok(parsed, `no known error in ${error.data}`);
  return [parsed.name, ...parsed.args.toArray()];
}

/** The parsed logs of a receipt that a contract's interface knows (none without topics): `[name, args...]` each. */
export function eventsOf(contract, receipt) {
  return receipt.logs
    .filter((log) => log.topics.length > 0)
    .map((log) => contract.interface.parseLog(log))
    .filter((event) => event !== null)
    .map((event) => [event.name, ...event.args.toArray()]);
}
