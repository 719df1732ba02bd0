// A data DAO: providers are Filecoin addresses, resolved and paid by Filecoin's precompiles.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { Wallet, concat, parseEther, toBeHex } from "ethers";
import { customError, eventsOf, mined, reverted, useNode } from "../../lib/ethers6.mjs";

const context = useNode();
/** f03, the cron actor: protocol 0, then the ID as LEB128. */
const CRON = "0x0003";
const CID = "0x0181e203922020a1b2c3";
const BOUNTY = parseEther("3");
const maskedId = (actorId) => concat(["0xff", new Uint8Array(11), toBeHex(actorId, 8)]);

describe("data DAO", () => {
  let dao, members, provider;

  before(async () => {
    members = context.wallets.slice(0, 3);
    provider = context.wallets[5];
    dao = await context.deploy("DataDao", [members.map((m) => m.address)], { value: parseEther("10") });
  });

  test("a proposal names a provider by its f410 address and finds its ID", async () => {
    const f410 = concat(["0x040a", provider.address]);
    const receipt = await mined(dao.propose(CID, f410, BOUNTY));
    const [[name, id, cid, actorId]] = eventsOf(dao, receipt);
    assert.deepEqual([name, id, cid], ["Proposed", 0n, CID]);
    assert.equal(await context.provider.getBalance(maskedId(actorId)), await context.provider.getBalance(provider));
    assert.equal(await dao.delegatedAddress(0), f410.toLowerCase());
  });

  test("unknown providers and strangers are refused", async () => {
    const nobody = concat(["0x040a", Wallet.createRandom().address]);
    const unknown = await reverted(dao.propose.staticCall(CID, nobody, 1n));
    assert.deepEqual(customError(dao, unknown), ["UnknownProvider", nobody.toLowerCase()]);
    const stranger = await reverted(dao.connect(provider).vote.staticCall(0));
    assert.deepEqual(customError(dao, stranger), ["NotMember", provider.address]);
  });

  test("a majority pays the provider, once", async () => {
    await mined(dao.connect(members[0]).vote(0));
    const early = await reverted(dao.pay.staticCall(0));
    assert.deepEqual(customError(dao, early), ["NoMajority", 1n, 2n]);
    await mined(dao.connect(members[1]).vote(0));
    const twice = await reverted(dao.connect(members[1]).vote.staticCall(0));
    assert.equal(customError(dao, twice)[0], "AlreadyVoted");
    const before = await context.provider.getBalance(provider);
    await mined(dao.pay(0));
    assert.equal((await context.provider.getBalance(provider)) - before, BOUNTY);
    assert.equal((await reverted(dao.pay.staticCall(0))).reason, "paid already");
  });

  test("a native actor is paid as well; a bounty above the treasury is not", async () => {
    await mined(dao.propose(CID, CRON, 1n));
    await mined(dao.propose(CID, CRON, parseEther("1000")));
    for (const id of [1, 2]) for (const member of members) await mined(dao.connect(member).vote(id));
    assert.equal(await dao.delegatedAddress(1), "0x");
    const before = await context.provider.getBalance(maskedId(3n));
    const receipt = await mined(dao.pay(1));
    assert.deepEqual(eventsOf(dao, receipt), [["Paid", 1n, 3n, 1n]]);
    assert.equal((await context.provider.getBalance(maskedId(3n))) - before, 1n);
    // Insufficient funds is the send's error number 5 (negative: no actor ran).
    const [name, exitCode] = customError(dao, await reverted(dao.pay.staticCall(2)));
    assert.equal(name, "PaymentFailed");
    assert.ok(exitCode < 0n, `exit code ${exitCode}`);
  });
});
