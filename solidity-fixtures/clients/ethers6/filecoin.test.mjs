// What is Filecoin's own: addresses, native actors, limits and refusals, seen by an Ethereum client.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Transaction, Wallet, ZeroAddress, concat, parseEther, toBeHex, zeroPadValue } from "ethers";
import { customError, eventsOf, mined, minedFailure, reverted, useNode } from "../../lib/ethers6.mjs";
import { CHAIN_ID, request } from "../../lib/node.mjs";

const context = useNode();

/** The Ethereum form of an actor without an Ethereum address: 0xff, eleven zeros, the ID (FIP-0054). */
const maskedId = (actorId) => concat(["0xff", new Uint8Array(11), toBeHex(actorId, 8)]);
/** f410 as bytes: protocol 4, namespace 10, the Ethereum address. */
const f410 = (address) => concat(["0x040a", address]);
const BURNT_FUNDS = 99n;
const CBOR = 0x51;

describe("Filecoin underneath", () => {
  let native, address;

  before(async () => {
    native = await context.deploy("FilecoinCalls");
    address = await native.getAddress();
  });

  test("every account has an actor ID, and the ID leads back to the f410 address", async () => {
    for (const who of [context.wallets[0].address, context.wallets[9].address, address]) {
      const actorId = await native.idOf(who);
      assert.ok(actorId >= 100n, `ID of ${who}: ${actorId}`);
      assert.equal(await native.delegatedAddress(actorId), f410(who).toLowerCase());
      assert.equal(await context.provider.getBalance(maskedId(actorId)), await context.provider.getBalance(who));
    }
    assert.equal(await native.delegatedAddress(BURNT_FUNDS), "0x");
    const nobody = Wallet.createRandom().address;
    const error = await reverted(native.idOf(nobody));
    assert.deepEqual(customError(native, error), ["UnknownAddress", f410(nobody).toLowerCase()]);
  });

  test("call_actor sends value to a native actor, by ID and by address", async () => {
    const burnt = () => context.provider.getBalance(maskedId(BURNT_FUNDS));
    const before = await burnt();
    await mined(native.callActorId(BURNT_FUNDS, 0, parseEther("1"), 0, "0x", { value: parseEther("1") }));
    await mined(native.callActor("0x0063", 0, parseEther("2"), 0, "0x", { value: parseEther("2") }));
    // Fees are burnt there as well.
    assert.ok((await burnt()) - before >= parseEther("3"));
    assert.equal(await context.provider.getBalance(address), 0n);
  });

  test("call_actor refuses what it must", async () => {
    assert.equal(await native.callActorByCall.staticCall(BURNT_FUNDS), false);
    for (const [method, codec, params] of [[5, CBOR, "0x"], [0, 0x55, "0x00"], [0, 0, "0x00"]]) {
      const error = await reverted(native.callActorId.staticCall(BURNT_FUNDS, method, 0, codec, params));
      assert.equal(customError(native, error)[0], "PrecompileFailed");
    }
    const [exitCode] = await native.callActorId.staticCall(10_000_000, 0, 0, 0, "0x");
    assert.ok(exitCode !== 0n, "a send to an actor that does not exist");
  });

  test("native methods reach handle_filecoin_method", async () => {
    const self = await native.idOf(address);
    const [method, params] = [5_000_000n, "0x8203f5"];
    const result = await native.callActorId.staticCall(self, method, 0, CBOR, params);
    assert.deepEqual(result.toArray(), [0n, BigInt(CBOR), params]);
    const receipt = await mined(native.callActorId(self, method, 0, CBOR, params));
    assert.deepEqual(eventsOf(native, receipt), [["NativeCall", method, BigInt(CBOR), params]]);
  });

  test("randomness of an epoch is the same for all who ask", async () => {
    const epoch = await context.provider.getBlockNumber();
    const value = await native.randomness(epoch);
    assert.notEqual(value, zeroPadValue("0x", 32));
    assert.equal(await native.randomness(epoch), value);
    assert.notEqual(await native.randomness(epoch - 1), value);
  });

  test("block environment by Filecoin's rules", async () => {
    const environment = await context.deploy("Environment");
    const [, , gasLimit, , , coinbase] = await environment.blockInfo();
    assert.equal(gasLimit, 10_000_000_000n);
    assert.equal(coinbase, ZeroAddress);
  });

  test("reserved precompiles succeed and give nothing", async () => {
    const precompiles = await context.deploy("Precompiles");
    assert.deepEqual((await precompiles.raw(toBeHex(0x0a, 20), "0x")).toArray(), [true, "0x"]);
  });

  test("a log above eight kilobytes fails the frame", async () => {
    const events = await context.deploy("Events");
    await reverted(events.sized.estimateGas(8193)).catch(() => {});
    await minedFailure(events.sized(8193, { gasLimit: 1_000_000_000n }));
  });

  test("transaction types that Filecoin has not are refused by name", async () => {
    const [sender] = context.wallets;
    const common = { chainId: CHAIN_ID, nonce: await sender.getNonce(), to: address, gasLimit: 10_000_000n };
    const fees = await context.provider.getFeeData();
    const type1 = await sender.signTransaction({ ...common, type: 1, gasPrice: fees.gasPrice, accessList: [] });
    const type2 = await sender.signTransaction({
      ...common,
      type: 2,
      maxFeePerGas: fees.maxFeePerGas,
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas,
      accessList: [{ address, storageKeys: [] }],
    });
    const expected = [
      [type1, /type|2930/i],
      [type2, /access list/i],
    ];
    for (const [raw, words] of expected) {
      assert.equal(Transaction.from(raw).from, sender.address);
      const { error } = await request(context.node.url, "eth_sendRawTransaction", [raw]);
      assert.match(error?.message ?? "accepted", words);
    }
  });

  test("contracts that are called by their masked ID answer the same", async () => {
    const counter = await context.deploy("Counter");
    await mined(counter.add(3));
    const actorId = await native.idOf(counter);
    const byId = counter.attach(maskedId(actorId));
    assert.equal(await byId.count(), 3n);
    await mined(byId.increment());
    assert.equal(await counter.count(), 4n);
  });
});
