import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { network } from "hardhat";
import { getAddress, parseEther } from "viem";
import AuctionModule from "../ignition/modules/Auction.js";

const { viem, networkHelpers, ignition } = await network.create();
const HOUR = 3600n;

describe("Auction", async () => {
  const publicClient = await viem.getPublicClient();
  const [seller, alice, bob] = await viem.getWalletClients();

  async function opened() {
    const auction = await viem.deployContract("Auction", [HOUR]);
    const as = (client) => viem.getContractAt("Auction", auction.address, { client: { wallet: client } });
    return { auction, byAlice: await as(alice), byBob: await as(bob) };
  }

  it("takes higher bids and emits them", async () => {
    const { auction, byAlice, byBob } = await networkHelpers.loadFixture(opened);
    await viem.assertions.emitWithArgs(byAlice.write.bid({ value: 10n }), auction, "Bid", [getAddress(alice.account.address), 10n]);
    await viem.assertions.revertWithCustomErrorWithArgs(byBob.write.bid({ value: 10n }), auction, "TooLow", [10n, 11n]);
    await byBob.write.bid({ value: 11n });
    assert.equal(await auction.read.leader(), getAddress(bob.account.address));
    assert.equal(await auction.read.refunds([alice.account.address]), 10n);
  });

  it("starts afresh from the fixture", async () => {
    const { auction } = await networkHelpers.loadFixture(opened);
    assert.equal(await auction.read.highest(), 0n);
  });

  it("gives the outbid their money back", async () => {
    const { auction, byAlice, byBob } = await networkHelpers.loadFixture(opened);
    await byAlice.write.bid({ value: parseEther("1") });
    await byBob.write.bid({ value: parseEther("2") });
    await viem.assertions.balancesHaveChanged(byAlice.write.withdraw(), [
      { address: alice.account.address, amount: parseEther("1") },
      { address: auction.address, amount: -parseEther("1") },
    ]);
  });

  it("closes by the clock and pays the seller", async () => {
    const { auction, byAlice } = await networkHelpers.loadFixture(opened);
    await byAlice.write.bid({ value: 7n });
    await viem.assertions.revertWithCustomError(byAlice.write.settle(), auction, "Open");
    await networkHelpers.time.increaseTo(await auction.read.closesAt());
    await viem.assertions.revertWith(byAlice.write.bid({ value: 8n }), "auction is closed");
    await viem.assertions.balancesHaveChanged(byAlice.write.settle(), [{ address: seller.account.address, amount: 7n }]);
    assert.equal(await auction.read.ownerOf([1n]), getAddress(alice.account.address));
  });

  it("shows its past in logs", async () => {
    const { auction, byAlice, byBob } = await networkHelpers.loadFixture(opened);
    for (const value of [1n, 3n]) await byAlice.write.bid({ value });
    await byBob.write.bid({ value: 9n });
    const events = await publicClient.getContractEvents({
      address: auction.address, abi: auction.abi, eventName: "Bid", fromBlock: 0n, strict: true,
    });
    assert.deepEqual(events.map(({ args }) => args.amount), [1n, 3n, 9n]);
  });

  it("is deployed by Ignition", async () => {
    const { auction } = await ignition.deploy(AuctionModule);
    assert.equal(await auction.read.highest(), 5n);
    assert.equal(await auction.read.leader(), getAddress(alice.account.address));
  });
});

describe("network helpers", () => {
  it("mine, set, take a snapshot and restore it", async () => {
    const before = await networkHelpers.time.latestBlock();
    const snapshot = await networkHelpers.takeSnapshot();
    await networkHelpers.mine(5);
    const address = "0x00000000000000000000000000000000DeaDBeef";
    await networkHelpers.setBalance(address, 77n);
    await networkHelpers.setNonce(address, 3);
    const client = await viem.getPublicClient();
    assert.equal(await client.getBalance({ address }), 77n);
    assert.equal(await client.getTransactionCount({ address }), 3);
    assert.ok((await networkHelpers.time.latestBlock()) >= before + 5);
    await snapshot.restore();
    assert.equal(await networkHelpers.time.latestBlock(), before);
    assert.equal(await client.getBalance({ address, blockTag: "latest" }), 0n);
  });

  it("impersonate a contract", async () => {
    const auction = await viem.deployContract("Auction", [HOUR]);
    await networkHelpers.setBalance(auction.address, parseEther("1"));
    await networkHelpers.impersonateAccount(auction.address);
    const client = await viem.getWalletClient(auction.address);
    const [, alice] = await viem.getWalletClients();
    await auction.write.transferFrom([auction.address, alice.account.address, 1n], { account: client.account });
    await networkHelpers.stopImpersonatingAccount(auction.address);
    assert.equal(await auction.read.ownerOf([1n]), getAddress(alice.account.address));
  });
});
