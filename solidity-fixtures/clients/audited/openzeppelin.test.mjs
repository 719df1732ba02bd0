// OpenZeppelin's contracts as they are: ERC-721, ERC-1155, ERC-4626, flash loans, proxies, a DAO.
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { ZeroAddress, dataSlice, id, parseEther, toQuantity } from "ethers";
import { at, customError, eventsOf, mined, reverted, useNode } from "../../lib/ethers6.mjs";
import { rpc } from "../../lib/node.mjs";

const context = useNode();
const mine = (blocks) => rpc(context.node.url, "hardhat_mine", [toQuantity(blocks)]);

describe("standards", () => {
  test("ERC-721: mint, approve, transfer, enumerate, refuse a contract that takes none", async () => {
    const [owner, alice, bob] = context.wallets;
    const nft = await context.deploy("Nft");
    for (const tokenId of [1n, 2n, 3n]) await mined(nft.mint(owner, tokenId));
    await mined(nft.approve(bob, 2));
    await mined(nft.connect(bob)["safeTransferFrom(address,address,uint256)"](owner, alice, 2));
    assert.equal(await nft.ownerOf(2), alice.address);
    assert.deepEqual([await nft.balanceOf(owner), await nft.totalSupply()], [2n, 3n]);
    assert.deepEqual([await nft.tokenOfOwnerByIndex(owner, 0), await nft.tokenOfOwnerByIndex(owner, 1)], [1n, 3n]);
    const receiver = await (await context.deploy("NotPayable")).getAddress();
    const refused = await reverted(nft["safeTransferFrom(address,address,uint256)"].staticCall(owner, receiver, 1));
    assert.deepEqual(customError(nft, refused), ["ERC721InvalidReceiver", receiver]);
    const unknown = await reverted(nft.ownerOf(99));
    assert.deepEqual(customError(nft, unknown), ["ERC721NonexistentToken", 99n]);
  });

  test("ERC-1155: batches", async () => {
    const [owner, alice] = context.wallets;
    const tokens = await context.deploy("MultiToken");
    const receipt = await mined(tokens.mintBatch(owner, [1, 2, 3], [10, 20, 30]));
    const [name, , from, to, ids, amounts] = eventsOf(tokens, receipt)[0];
    assert.deepEqual([name, from, to, [...ids], [...amounts]], ["TransferBatch", ZeroAddress, owner.address, [1n, 2n, 3n], [10n, 20n, 30n]]);
    await mined(tokens.safeBatchTransferFrom(owner, alice, [1, 3], [4, 5], "0x"));
    const balances = await tokens.balanceOfBatch([owner, owner, owner, alice, alice], [1, 2, 3, 1, 3]);
    assert.deepEqual([...balances], [6n, 20n, 25n, 4n, 5n]);
  });

  test("ERC-4626: shares gain with the pot", async () => {
    const [owner] = context.wallets;
    const asset = await context.deploy("Token", ["Asset", "AST", 10_000n, 10_000n]);
    const pot = await context.deploy("Pot", [await asset.getAddress()]);
    await mined(asset.approve(pot, 10_000n));
    await mined(pot.deposit(1000n, owner));
    await mined(asset.transfer(pot, 500n));
    assert.equal(await pot.totalAssets(), 1500n);
    assert.equal(await pot.previewRedeem(1000n), 1499n);
    await mined(pot.redeem(1000n, owner, owner));
    assert.equal(await asset.balanceOf(owner), 10_000n - 1n);
  });

  test("ERC-3156: a flash loan paid back, and one that is not", async () => {
    const flash = await context.deploy("FlashToken");
    const borrower = await context.deploy("FlashBorrower");
    await mined(flash.transfer(borrower, 100n));
    await mined(borrower.borrow(flash, 50_000n));
    assert.equal(await borrower.seen(), 50_100n);
    assert.equal(await flash.balanceOf(borrower), 50n);
    assert.equal(await flash.totalSupply(), 1_000_000n - 50n);
    await mined(borrower.setHonest(false));
    const refused = await reverted(borrower.borrow.staticCall(flash, 50_000n));
    assert.equal(customError(flash, refused)[0], "ERC20InsufficientAllowance");
  });
});

describe("proxies", () => {
  let v1, v2, init;

  before(async () => {
    [v1, v2] = [await context.deploy("BoxV1"), await context.deploy("BoxV2")];
    init = v1.interface.encodeFunctionData("initialize", [context.wallets[0].address]);
  });

  test("transparent: only the admin's contract upgrades", async () => {
    const [owner, other] = context.wallets;
    const proxy = await context.deploy("TransparentBoxProxy", [await v1.getAddress(), owner.address, init]);
    const address = await proxy.getAddress();
    const box = at("BoxV1", address, other);
    await mined(box.set(7));
    const adminSlot = BigInt(id("eip1967.proxy.admin")) - 1n;
    const admin = at("BoxProxyAdmin", dataSlice(await context.provider.getStorage(address, adminSlot), 12), owner);
    assert.equal(await admin.owner(), owner.address);
    await reverted(admin.connect(other).upgradeAndCall.staticCall(address, v2, "0x"));
    await mined(admin.upgradeAndCall(address, v2, "0x"));
    assert.deepEqual([await box.version(), await box.value()], [2n, 7n]);
  });

  test("beacon: one upgrade moves all", async () => {
    const [owner] = context.wallets;
    const beacon = await context.deploy("BoxBeacon", [await v1.getAddress(), owner.address]);
    const boxes = [];
    for (let i = 0; i < 2; i++) {
      const proxy = await context.deploy("BoxBeaconProxy", [await beacon.getAddress(), init]);
      boxes.push(at("BoxV1", await proxy.getAddress(), owner));
      await mined(boxes[i].set(10 + i));
    }
    await mined(beacon.upgradeTo(v2));
    for (const [i, box] of boxes.entries()) assert.deepEqual([await box.version(), await box.value()], [2n, BigInt(10 + i)]);
  });
});

describe("a DAO", () => {
  test("votes a proposal through and pays from its treasury", async () => {
    const [owner, alice, receiver] = context.wallets;
    const token = await context.deploy("VoteToken");
    const treasury = await context.deploy("Treasury", [60, [], []]);
    const dao = await context.deploy("Dao", [await token.getAddress(), await treasury.getAddress()]);
    for (const role of ["PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"]) {
      await mined(treasury.grantRole(await treasury[role](), dao));
    }
    await mined(owner.sendTransaction({ to: await treasury.getAddress(), value: parseEther("10") }));
    await mined(token.transfer(alice, 400n));
    await mined(token.delegate(owner));
    await mined(token.connect(alice).delegate(alice));
    await mine(1);

    const text = "pay the receiver one";
    const proposal = [[receiver.address], [parseEther("1")], ["0x"]];
    await mined(dao.propose(...proposal, text));
    const proposalId = await dao.hashProposal(...proposal, id(text));
    await mine(2);
    await mined(dao.castVote(proposalId, 1));
    await mined(dao.connect(alice).castVoteWithReason(proposalId, 0, "too much"));
    assert.deepEqual((await dao.proposalVotes(proposalId)).toArray(), [400n, 600n, 0n]);
    await mine(60);
    const SUCCEEDED = 4n;
    assert.equal(await dao.state(proposalId), SUCCEEDED);
    await mined(dao.queue(...proposal, id(text)));
    await reverted(dao.execute.staticCall(...proposal, id(text)));
    await rpc(context.node.url, "evm_increaseTime", [61]);
    await mine(1);
    const before = await context.provider.getBalance(receiver);
    await mined(dao.execute(...proposal, id(text)));
    assert.equal((await context.provider.getBalance(receiver)) - before, parseEther("1"));
  });
});
