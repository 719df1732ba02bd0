// Failures of every kind as ethers v6 and plain JSON-RPC show them.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { concat, hexlify, randomBytes } from "ethers";
import { customError, mined, minedFailure, reverted, useNode } from "../../lib/ethers6.mjs";
import { request } from "../../lib/node.mjs";

const context = useNode();

describe("reverts", () => {
  let reverts;

  before(async () => {
    reverts = await context.deploy("Reverts");
  });

  test("reasons", async () => {
    assert.equal((await reverted(reverts.withReason())).reason, "Reverts: on purpose");
    assert.match((await reverted(reverts.withLongReason())).reason, /longer than one word .* often are$/);
    const silent = await reverted(reverts.withoutReason());
    assert.equal(silent.data, "0x");
    const spoken = await reverted(reverts.writeThenRevert.estimateGas());
    assert.equal(spoken.reason, "Reverts: written in vain");
  });

  test("custom errors", async () => {
    const plain = await reverted(reverts.withPlainError());
    assert.deepEqual(customError(reverts, plain), ["Plain"]);
    const detailed = await reverted(reverts.connect(context.wallets[3]).withDetailedError(42));
    assert.deepEqual(customError(reverts, detailed), ["Detailed", context.wallets[3].address, 42n, "not today"]);
  });

  test("panics", async () => {
    const cases = [
      [() => reverts.panicAssert(), 0x01],
      [() => reverts.panicOverflow(1), 0x11],
      [() => reverts.panicDivision(0), 0x12],
      [() => reverts.panicPop.staticCall(), 0x31],
      [() => reverts.panicIndex(0), 0x32],
    ];
    for (const [call, code] of cases) {
      const error = await reverted(call());
      assert.equal(error.revert.name, "Panic");
      assert.equal(Number(error.revert.args[0]), code);
    }
  });

  test("raw bytes come back as they were", async () => {
    for (const data of ["0x", "0x00", hexlify(randomBytes(3)), hexlify(randomBytes(1000))]) {
      assert.equal((await reverted(reverts.withRawBytes(data))).data, data);
    }
  });

  test("an error of JSON-RPC has geth's code, message and data", async () => {
    const to = await reverts.getAddress();
    const encode = (name, args = []) => reverts.interface.encodeFunctionData(name, args);
    for (const method of ["eth_call", "eth_estimateGas"]) {
      const spoken = await request(context.node.url, method, [{ to, data: encode("withReason") }]);
      assert.equal(spoken.error.code, 3);
      assert.match(spoken.error.message, /^execution reverted: Reverts: on purpose/);
      assert.equal(spoken.error.data.slice(0, 10), "0x08c379a0");
      const raw = await request(context.node.url, method, [{ to, data: encode("withRawBytes", ["0x1234"]) }]);
      assert.equal(raw.error.code, 3);
      assert.match(raw.error.message, /^execution reverted/);
      assert.equal(raw.error.data, "0x1234");
    }
  });

  test("invalid opcode and out of gas fail without data", async () => {
    await reverted(reverts.invalidOpcode());
    const to = await reverts.getAddress();
    const data = reverts.interface.encodeFunctionData("invalidOpcode");
    const answer = await request(context.node.url, "eth_call", [{ to, data }]);
    assert.ok(answer.error, "an invalid opcode is an error");
    const gasLimit = 50_000_000n;
    const receipt = await minedFailure(reverts.outOfGas({ gasLimit }));
    assert.ok(receipt.gasUsed <= gasLimit);
    assert.equal(await reverts.touched(), 0n);
  });

  test("a revert undoes what was written", async () => {
    await minedFailure(reverts.writeThenRevert({ gasLimit: 500_000_000n }));
    assert.equal(await reverts.touched(), 0n);
  });

  test("nested failures, caught and passed on", async () => {
    const inner = reverts.interface.encodeFunctionData("withDetailedError", [7]);
    const [ok, data] = await reverts.caught.staticCall(inner);
    assert.equal(ok, false);
    assert.deepEqual(customError(reverts, { data }), ["Detailed", await reverts.getAddress(), 7n, "not today"]);
    const error = await reverted(reverts.bubbled.staticCall(inner));
    assert.equal(error.data, data);
    const [fine, word] = await reverts.caught.staticCall(reverts.interface.encodeFunctionData("touched"));
    assert.deepEqual([fine, BigInt(word)], [true, 0n]);
    // The caught failure leaves the outer call's success and the inner's write undone.
    await mined(reverts.caught(reverts.interface.encodeFunctionData("writeThenRevert"), { gasLimit: 500_000_000n }));
    assert.equal(await reverts.touched(), 0n);
  });

  test("an unknown selector reverts", async () => {
    const to = await reverts.getAddress();
    await reverted(context.provider.call({ to, data: concat(["0xdeadbeef"]) }));
  });
});
