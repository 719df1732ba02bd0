// What contracts see and do: calls, value, re-entrancy, storage, instructions, precompiles, environment.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { before, describe, test } from "node:test";
import {
  AbiCoder, Wallet, ZeroAddress, concat, getBytes, hexlify, id, keccak256, parseEther, ripemd160, sha256, toBeHex,
  toUtf8Bytes, zeroPadValue,
} from "ethers";
import { customError, eventsOf, mined, reverted, useNode } from "../../lib/ethers6.mjs";
import { CHAIN_ID } from "../../lib/node.mjs";

const context = useNode();
const WORD = 2n ** 256n;
/** Enough for any call here, where a failed inner call would not show in an estimate. */
const AMPLE = { gasLimit: 200_000_000n };

describe("calls", () => {
  let caller, callee, target;

  before(async () => {
    caller = await context.deploy("Caller");
    callee = await context.deploy("Callee");
    target = await callee.getAddress();
  });

  test("CALL writes the callee's storage, DELEGATECALL the caller's", async () => {
    await mined(caller.call(target, 5, AMPLE));
    assert.deepEqual([await callee.stored(), await caller.stored()], [5n, 0n]);
    assert.equal(await callee.lastSender(), await caller.getAddress());
    await mined(caller.delegate(target, 6, AMPLE));
    assert.deepEqual([await callee.stored(), await caller.stored()], [5n, 6n]);
    assert.equal(await caller.lastSender(), context.wallets[0].address);
    const [ok, data] = await caller.call.staticCall(target, 7);
    assert.deepEqual([ok, BigInt(data)], [true, 5n]);
  });

  test("an estimate leaves enough for an inner call whose failure the caller would swallow", async () => {
    const other = await context.deploy("Callee");
    await mined(caller.call(other, 55));
    assert.equal(await other.stored(), 55n);
  });

  test("a write below STATICCALL fails", async () => {
    assert.equal(await caller.staticWrite(target, 9), false);
    assert.equal(await callee.stored(), 5n);
  });

  test("value goes with a call", async () => {
    await mined(caller.callWithValue(target, 1, { value: 1234n, ...AMPLE }));
    assert.equal(await context.provider.getBalance(target), 1234n);
  });

  test("thirty calls deep, to and fro", async () => {
    assert.equal(await caller.startDepth.staticCall(target, 30), 30n);
  });

  test("a call to an address without code succeeds and gives nothing", async () => {
    const nobody = Wallet.createRandom().address;
    const [ok, data] = await caller.call.staticCall(nobody, 7);
    assert.deepEqual([ok, data], [true, "0x"]);
  });
});

describe("payments", () => {
  let payments, address;

  before(async () => {
    payments = await context.deploy("Payments");
    address = await payments.getAddress();
  });

  test("receive and fallback", async () => {
    const [owner] = context.wallets;
    const plain = await mined(owner.sendTransaction({ to: address, value: 10n }));
    assert.deepEqual(eventsOf(payments, plain), [["Received", owner.address, 10n, "0x"]]);
    const withData = await mined(owner.sendTransaction({ to: address, value: 20n, data: "0xc0ffee" }));
    assert.deepEqual(eventsOf(payments, withData), [["Received", owner.address, 20n, "0xc0ffee"]]);
    assert.equal(await context.provider.getBalance(address), 30n);
  });

  test("call, transfer and send pass value on", async () => {
    const [owner] = context.wallets;
    await mined(owner.sendTransaction({ to: address, value: parseEther("3") }));
    for (const way of ["byCall", "byTransfer", "bySend"]) {
      const receiver = Wallet.createRandom().address;
      await mined(payments[way](receiver, parseEther("1")));
      assert.equal(await context.provider.getBalance(receiver), parseEther("1"), way);
    }
  });

  test("a contract that takes no value refuses it", async () => {
    const refuser = await context.deploy("NotPayable");
    const error = await reverted(payments.byCall.staticCall(refuser, 1n));
    assert.deepEqual(customError(payments, error), ["Failed", "0x"]);
    assert.equal(await payments.bySend.staticCall(refuser, 1n), false);
    await reverted(context.wallets[0].estimateGas({ to: await refuser.getAddress(), value: 1n }));
    await reverted(payments.byCall.staticCall(Wallet.createRandom().address, parseEther("1000000")));
  });

  test("SELFDESTRUCT gives the balance away", async () => {
    const doomed = await context.deploy("Payments");
    await mined(context.wallets[0].sendTransaction({ to: await doomed.getAddress(), value: 99n }));
    const heir = Wallet.createRandom().address;
    await mined(doomed.leave(heir));
    assert.equal(await context.provider.getBalance(heir), 99n);
    assert.equal(await context.provider.getBalance(doomed), 0n);
  });
});

describe("re-entrancy", () => {
  const stake = parseEther("1");

  for (const [bank, loot] of [["OpenBank", 3n], ["GuardedBank", null], ["TransientGuardedBank", null]]) {
    test(`${bank} ${loot ? "is robbed" : "holds"}`, async () => {
      const [, saver, thief] = context.wallets;
      const target = await context.deploy(bank);
      await mined(target.connect(saver).deposit({ value: 5n * stake }));
      const robber = await context.deploy("Robber", [], {}, thief);
      const attempt = robber.rob.estimateGas(target, 3, { value: stake });
      if (loot) {
        await attempt;
        await mined(robber.rob(target, 3, { value: stake }));
        assert.equal(await context.provider.getBalance(robber), loot * stake);
        assert.equal(await robber.entered(), 3n);
      } else {
        assert.equal((await reverted(attempt)).reason, `${bank}: payment refused`);
        assert.equal(await context.provider.getBalance(target), 5n * stake);
      }
    });
  }
});

describe("storage", () => {
  test("slots are where Solidity lays them out", async () => {
    const [owner] = context.wallets;
    const layout = await context.deploy("StorageLayout");
    const read = async (slot) => BigInt(await context.provider.getStorage(layout, slot));
    const coder = AbiCoder.defaultAbiCoder();
    assert.equal(await read(0), 0x1234n);
    assert.equal(await read(1), (1n << 192n) | (0xabcdefn << 128n) | (2n ** 128n - 1n));
    assert.equal(await read(2), BigInt(owner.address));
    assert.equal(await read(3), BigInt(concat([toUtf8Bytes("short"), new Uint8Array(26), "0x0a"])));
    const long = await layout.long_();
    assert.equal(await read(4), BigInt(2 * long.length + 1));
    assert.equal(await read(keccak256(toBeHex(4, 32))), BigInt(hexlify(toUtf8Bytes(long.slice(0, 32)))));
    assert.equal(await read(5), 2n);
    assert.equal(await read(BigInt(keccak256(toBeHex(5, 32))) + 1n), 22n);
    assert.equal(await read(keccak256(coder.encode(["address", "uint256"], [owner.address, 6]))), 33n);
    assert.equal(await read(id("fevm.fixtures.far")), 44n);
    assert.equal(await read(WORD - 1n), 0n);
    assert.equal(await layout.far(), 44n);
  });

  test("many slots written, then cleared", async () => {
    const layout = await context.deploy("StorageLayout");
    const before = await context.provider.getBlockNumber();
    await mined(layout.fill(100));
    assert.equal(await layout.list(101), 99n);
    await mined(layout.clear());
    await reverted(layout.list(0));
    assert.equal(await layout.word(), 0n);
    // History: the slot as it was.
    assert.equal(BigInt(await context.provider.getStorage(layout, 0, before)), 0x1234n);
  });
});

describe("instructions and precompiles", () => {
  let opcodes, precompiles;

  before(async () => {
    opcodes = await context.deploy("Opcodes");
    precompiles = await context.deploy("Precompiles");
  });

  test("MCOPY, TLOAD and TSTORE, CLZ", async () => {
    assert.equal(await opcodes.mcopyOverlap("0x0102030405060708", 2, 0, 6), "0x0102010203040506");
    assert.equal(await opcodes.mcopyOverlap("0x0102030405060708", 0, 3, 5), "0x0405060708060708");
    assert.deepEqual((await opcodes.transient_.staticCall(5)).toArray(), [0n, 5n]);
    await mined(opcodes.transient_(5));
    assert.deepEqual((await opcodes.transient_.staticCall(6)).toArray(), [0n, 6n]);
    for (const [x, n] of [[0n, 256n], [1n, 255n], [WORD - 1n, 0n], [1n << 100n, 155n]]) {
      assert.equal(await opcodes.clz_(x), n);
    }
  });

  test("256-bit arithmetic against BigInt", async () => {
    const signed = (x) => BigInt.asIntN(256, x);
    const power = (a, b) => {
      let r = 1n;
      for (let i = 0n; i < b; i++) r = (r * a) % WORD;
      return r;
    };
    const samples = [0n, 1n, 3n, 2n ** 64n - 1n, 2n ** 128n + 7n, 2n ** 255n, WORD - 1n, BigInt(id("sample"))];
    for (const a of samples) {
      for (const b of samples) {
        const m = BigInt(id(`${a}/${b}`));
        const quotient = b === 0n ? 0n : signed(a) / signed(b);
        const [got] = await Promise.all([opcodes.arithmetic(a, b, m)]);
        assert.deepEqual(got.toArray(), [
          (a * b) % WORD,
          b === 0n ? 0n : a / b,
          power(a, b % 1024n),
          (a * b) % m,
          (a + b) % m,
          signed(BigInt.asUintN(256, quotient)),
        ]);
      }
    }
  });

  test("ecrecover, hashes, identity, modular exponentiation", async () => {
    const [signer] = context.wallets;
    const hash = id("message");
    const { v, r, s } = signer.signingKey.sign(hash);
    assert.equal(await precompiles.recover(hash, v, r, s), signer.address);
    assert.equal(await precompiles.recover(hash, 29, r, s), ZeroAddress);
    const data = toUtf8Bytes("a few bytes");
    assert.deepEqual((await precompiles.hashes(data)).toArray(), [sha256(data), ripemd160(data), keccak256(data)]);
    const [ok, copy] = await precompiles.raw(toBeHex(4, 20), data);
    assert.deepEqual([ok, copy], [true, hexlify(data)]);
    assert.equal(await precompiles.modExp("0x03", "0x0100", "0x65"), toBeHex(3n ** 256n % 0x65n, 1));
  });

  test("curves: BN254, BLS12-381, P-256, and BLAKE2b's function", async () => {
    // 1·G + 1·G = 2·G on BN254 (EIP-196).
    const g = concat([toBeHex(1, 32), toBeHex(2, 32)]);
    const [okAdd, twice] = await precompiles.raw(toBeHex(6, 20), concat([g, g]));
    const [okMul, product] = await precompiles.raw(toBeHex(7, 20), concat([g, toBeHex(2, 32)]));
    assert.deepEqual([okAdd, okMul, twice], [true, true, product]);
    const [okPairing, one] = await precompiles.raw(toBeHex(8, 20), "0x");
    assert.deepEqual([okPairing, BigInt(one)], [true, 1n]);
    const [badPoint] = await precompiles.raw(toBeHex(6, 20), concat([toBeHex(1, 32), toBeHex(1, 32)]));
    assert.equal(badPoint, false);
    // BLAKE2b of "abc": one compression of twelve rounds (EIP-152, test vector 5).
    const blake = concat([
      "0x0000000c",
      "0x48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b",
      concat(["0x616263", new Uint8Array(125)]), "0x0300000000000000", "0x0000000000000000", "0x01",
    ]);
    const [okBlake, digest] = await precompiles.raw(toBeHex(9, 20), blake);
    assert.equal(okBlake, true);
    assert.equal(digest, `0x${createHash("blake2b512").update("abc").digest("hex")}`);
    // The point at infinity is G1's neutral element (EIP-2537).
    const [okBls, infinity] = await precompiles.raw(toBeHex(0x0b, 20), new Uint8Array(256));
    assert.deepEqual([okBls, infinity], [true, hexlify(new Uint8Array(128))]);
    // A signature that is none gives nothing (EIP-7951).
    const [okP256, nothing] = await precompiles.raw(toBeHex(0x100, 20), getBytes(zeroPadValue("0x01", 160)));
    assert.deepEqual([okP256, nothing], [true, "0x"]);
  });
});

describe("environment", () => {
  let environment;

  before(async () => {
    environment = await context.deploy("Environment");
  });

  test("the block as the contract and as RPC see it", async () => {
    const { provider } = context;
    const block = await provider.getBlock("latest");
    const [number, timestamp, , , chainId] = await environment.blockInfo();
    assert.ok(number >= BigInt(block.number));
    assert.ok(timestamp >= BigInt(block.timestamp));
    assert.equal(chainId, CHAIN_ID);
  });

  test("sender, origin, value", async () => {
    const [, alice] = context.wallets;
    const [sender, origin, value] = await environment.connect(alice).caller.staticCall({ value: 77n });
    assert.deepEqual([sender, origin, value], [alice.address, alice.address, 77n]);
  });

  test("other accounts: balance, code size, code hash", async () => {
    const { provider, wallets } = context;
    const code = await provider.getCode(environment);
    const [, size, hash] = await environment.account(environment);
    assert.deepEqual([size, hash], [BigInt((code.length - 2) / 2), keccak256(code)]);
    const [balance, none, empty] = await environment.account(wallets[9].address);
    assert.deepEqual([balance, none, empty], [await provider.getBalance(wallets[9]), 0n, keccak256("0x")]);
    const [, , absent] = await environment.account(Wallet.createRandom().address);
    assert.equal(absent, zeroPadValue("0x", 32));
  });
});
