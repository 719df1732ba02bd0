// CREATE, CREATE2, proxies and clones by ethers v6.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { concat, dataLength, getCreate2Address, getCreateAddress, hexlify, id, keccak256, toBeHex, zeroPadValue } from "ethers";
import { artifact } from "../../lib/artifacts.mjs";
import { at, customError, eventsOf, mined, minedFailure, reverted, useNode } from "../../lib/ethers6.mjs";

const context = useNode();

/** Init code that returns `size` bytes of runtime code, STOP and zeros. */
const initCodeOf = (size) => concat(["0x62", toBeHex(size, 3), "0x6000f3"]);
/** EIP-170: the largest runtime code. */
const MAX_CODE = 24_576;

describe("contracts that make contracts", () => {
  let factory, address;

  before(async () => {
    factory = await context.deploy("Create2Factory");
    address = await factory.getAddress();
  });

  test("CREATE2 by Solidity's salt, where it was predicted", async () => {
    const salt = id("child");
    const expected = await factory.predict(salt, 7);
    assert.equal(await context.provider.getCode(expected), "0x");
    const receipt = await mined(factory.deployChild(salt, 7, { value: 5n }));
    assert.deepEqual(eventsOf(factory, receipt), [["Deployed", expected, salt, true]]);
    const child = at("Child", expected, context.provider);
    assert.equal(await child.maker(), address);
    assert.equal(await child.number(), 7n);
    assert.equal(await child.received(), 5n);
    assert.equal(await context.provider.getBalance(expected), 5n);
    // EIP-161: a contract begins at nonce 1.
    assert.equal(await context.provider.getTransactionCount(expected), 1);
    await reverted(factory.deployChild.staticCall(salt, 7));
  });

  test("CREATE counts the factory's nonce", async () => {
    const nonce = await context.provider.getTransactionCount(address);
    const expected = getCreateAddress({ from: address, nonce });
    const receipt = await mined(factory.createChild(8));
    assert.deepEqual(eventsOf(factory, receipt), [["Deployed", expected, zeroPadValue("0x", 32), false]]);
    assert.equal(await context.provider.getTransactionCount(address), nonce + 1);
  });

  test("a constructor's custom error reaches the maker and the client", async () => {
    const refused = artifact("Child");
    const [made, reason] = await factory.tryCreateChild.staticCall(13);
    assert.equal(made, false);
    const child = at("Child", address, context.provider);
    assert.deepEqual(customError(child, { data: reason }), ["Refused", 13n]);
    const error = await reverted(factory.createChild.staticCall(13));
    assert.equal(error.data, reason);
    const direct = await reverted(
      context.provider.estimateGas({ from: context.wallets[0].address, data: concat([refused.bytecode, toBeHex(13, 32)]) }),
    );
    assert.equal(direct.data, reason);
  });

  test("a creation that fails as a transaction leaves no code, and a receipt of status 0", async () => {
    const [owner] = context.wallets;
    const data = concat([artifact("RevertsAtBirth").bytecode, toBeHex(1, 32)]);
    const receipt = await minedFailure(owner.sendTransaction({ data, gasLimit: 1_000_000_000n }));
    assert.equal(await context.provider.getCode(getCreateAddress({ from: owner.address, nonce: (await owner.getNonce()) - 1 })), "0x");
    assert.equal(receipt.to, null);
    const error = await reverted(context.provider.estimateGas({ from: owner.address, data }));
    assert.equal(error.reason, "RevertsAtBirth: x too small");
  });

  test("any init code by CREATE2, up to the largest code", async () => {
    for (const size of [0, 1, 1000, MAX_CODE]) {
      const initCode = initCodeOf(size);
      const salt = zeroPadValue(toBeHex(size + 1), 32);
      await mined(factory.deploy(salt, initCode));
      const expected = getCreate2Address(address, salt, keccak256(initCode));
      assert.equal(dataLength(await context.provider.getCode(expected)), size);
    }
    const error = await reverted(factory.deploy.staticCall(id("large"), initCodeOf(MAX_CODE + 1)));
    assert.deepEqual(customError(factory, error), ["DeploymentFailed"]);
    // EIP-3541: no code may begin with 0xEF.
    const reserved = await reverted(factory.deploy.staticCall(id("reserved"), hexlify("0x60ef60005360016000f3")));
    assert.deepEqual(customError(factory, reserved), ["DeploymentFailed"]);
  });

  test("a UUPS proxy keeps its state over an upgrade", async () => {
    const [owner, other] = context.wallets;
    const [v1, v2] = [await context.deploy("BoxV1"), await context.deploy("BoxV2")];
    const init = v1.interface.encodeFunctionData("initialize", [owner.address]);
    const proxy = await context.deploy("BoxProxy", [await v1.getAddress(), init]);
    const box = at("BoxV1", await proxy.getAddress(), owner);
    await mined(box.set(21));
    assert.deepEqual([await box.version(), await box.value()], [1n, 21n]);
    const refused = await reverted(box.connect(other).upgradeToAndCall.staticCall(v2, "0x"));
    assert.deepEqual(customError(box, refused), ["NotOwner", other.address]);
    await mined(box.upgradeToAndCall(v2, "0x"));
    assert.deepEqual([await box.version(), await box.value()], [2n, 21n]);
    await mined(box.set(21));
    assert.equal(await box.value(), 42n);
    const slot = toBeHex(BigInt(id("eip1967.proxy.implementation")) - 1n, 32);
    assert.equal(BigInt(await context.provider.getStorage(box, slot)), BigInt(await v2.getAddress()));
  });

  test("minimal clones have their own state", async () => {
    const logic = await context.deploy("Counter");
    const maker = await context.deploy("CloneFactory");
    const clones = [];
    for (const salt of [id("a"), id("b")]) {
      const expected = await maker.predict(logic, salt);
      const receipt = await mined(maker.clone(logic, salt));
      assert.deepEqual(eventsOf(maker, receipt), [["Cloned", expected]]);
      assert.equal(dataLength(await context.provider.getCode(expected)), 45);
      clones.push(at("Counter", expected, context.wallets[0]));
    }
    await mined(clones[0].add(5));
    assert.deepEqual([await clones[0].count(), await clones[1].count(), await logic.count()], [5n, 0n, 0n]);
  });
});
