// Safe 1.4.1 from its published bytecode: a multisig of two out of three.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Contract, ContractFactory, Wallet, ZeroAddress, concat, parseEther } from "ethers";
import { published } from "../../lib/artifacts.mjs";
import { eventsOf, mined, reverted, useNode } from "../../lib/ethers6.mjs";
import { CHAIN_ID } from "../../lib/node.mjs";

const context = useNode();
const safeArtifact = (path) => published("audited", `@safe-global/safe-contracts/build/artifacts/contracts/${path}.json`);

async function deploy(path) {
  const { abi, bytecode } = safeArtifact(path);
  return (await new ContractFactory(abi, bytecode, context.wallets[0]).deploy()).waitForDeployment();
}

const TRANSACTION = {
  SafeTx: [
    ["address", "to"], ["uint256", "value"], ["bytes", "data"], ["uint8", "operation"], ["uint256", "safeTxGas"],
    ["uint256", "baseGas"], ["uint256", "gasPrice"], ["address", "gasToken"], ["address", "refundReceiver"], ["uint256", "nonce"],
  ].map(([type, name]) => ({ type, name })),
};

describe("Safe", () => {
  let safe, owners;

  before(async () => {
    const singleton = await deploy("Safe.sol/Safe");
    const factory = await deploy("proxies/SafeProxyFactory.sol/SafeProxyFactory");
    const handler = await deploy("handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler");
    // Signatures must come in order of the signers' addresses.
    owners = context.wallets.slice(1, 4).sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
    const setup = singleton.interface.encodeFunctionData("setup", [
      owners.map((o) => o.address), 2, ZeroAddress, "0x", await handler.getAddress(), ZeroAddress, 0, ZeroAddress,
    ]);
    const receipt = await mined(factory.createProxyWithNonce(singleton, setup, 7));
    const [, address] = eventsOf(factory, receipt).find(([name]) => name === "ProxyCreation");
    safe = new Contract(address, safeArtifact("Safe.sol/Safe").abi, context.wallets[0]);
    await mined(context.wallets[0].sendTransaction({ to: address, value: parseEther("5") }));
  });

  /** The arguments of execTransaction, signed by some of the owners. */
  async function signed(to, value, signers) {
    const message = {
      to, value, data: "0x", operation: 0, safeTxGas: 0, baseGas: 0, gasPrice: 0,
      gasToken: ZeroAddress, refundReceiver: ZeroAddress, nonce: await safe.nonce(),
    };
    const domain = { chainId: CHAIN_ID, verifyingContract: await safe.getAddress() };
    const signatures = await Promise.all(signers.map((s) => s.signTypedData(domain, TRANSACTION, message)));
    const { nonce, ...fields } = message;
    return [...Object.values(fields), concat(signatures)];
  }

  test("is set up", async () => {
    assert.equal(await safe.getThreshold(), 2n);
    assert.deepEqual([...(await safe.getOwners())].sort(), owners.map((o) => o.address).sort());
    assert.equal(await safe.VERSION(), "1.4.1");
  });

  test("pays when two of three have signed (EIP-712)", async () => {
    const receiver = Wallet.createRandom().address;
    const receipt = await mined(safe.execTransaction(...(await signed(receiver, parseEther("2"), owners.slice(0, 2)))));
    assert.ok(eventsOf(safe, receipt).some(([name]) => name === "ExecutionSuccess"));
    assert.equal(await context.provider.getBalance(receiver), parseEther("2"));
    assert.equal(await safe.nonce(), 1n);
  });

  test("refuses one signature, and a stranger's", async () => {
    const receiver = Wallet.createRandom().address;
    const one = await reverted(safe.execTransaction.staticCall(...(await signed(receiver, 1n, owners.slice(0, 1)))));
    assert.equal(one.reason, "GS020");
    const strangers = [owners[0], context.wallets[9]].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
    const foreign = await reverted(safe.execTransaction.staticCall(...(await signed(receiver, 1n, strangers))));
    assert.equal(foreign.reason, "GS026");
  });

  test("takes a hash approved on chain for a signature (eth_sign apart)", async () => {
    const receiver = Wallet.createRandom().address;
    const [signer, approver] = owners;
    const args = await signed(receiver, 3n, [signer]);
    const hash = await safe.getTransactionHash(...args.slice(0, 9), await safe.nonce());
    await mined(safe.connect(approver).approveHash(hash));
    const approval = concat([new Uint8Array(12), approver.address, new Uint8Array(32), "0x01"]);
    await mined(safe.execTransaction(...args.slice(0, 9), concat([args[9], approval])));
    assert.equal(await context.provider.getBalance(receiver), 3n);
  });
});
