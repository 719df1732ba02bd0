const helpers = require("@nomicfoundation/hardhat-network-helpers");
const { expect } = require("chai");
const { ethers } = require("hardhat");

const YEAR = 365 * 24 * 60 * 60;
const LOCKED = ethers.parseUnits("1", "gwei");

describe("TimeLock", () => {
  async function locked() {
    const unlockTime = (await helpers.time.latest()) + YEAR;
    const [owner, other] = await ethers.getSigners();
    const lock = await ethers.deployContract("TimeLock", [unlockTime], { value: LOCKED });
    return { lock, unlockTime, owner, other };
  }

  it("holds what it was given", async () => {
    const { lock, unlockTime, owner } = await helpers.loadFixture(locked);
    expect(await lock.unlockTime()).to.equal(unlockTime);
    expect(await lock.owner()).to.equal(owner.address);
    expect(await ethers.provider.getBalance(lock.target)).to.equal(LOCKED);
  });

  it("refuses a time that has passed", async () => {
    const latest = await helpers.time.latest();
    const factory = await ethers.getContractFactory("TimeLock");
    await expect(factory.deploy(latest, { value: 1 })).to.be.revertedWith("Unlock time should be in the future");
  });

  it("refuses early and foreign withdrawals", async () => {
    const { lock, unlockTime, other } = await helpers.loadFixture(locked);
    await expect(lock.withdraw()).to.be.revertedWithCustomError(lock, "TooEarly");
    await helpers.time.increaseTo(unlockTime);
    await expect(lock.connect(other).withdraw()).to.be.revertedWithCustomError(lock, "NotOwner").withArgs(other.address);
  });

  it("pays the owner when the time has come", async () => {
    const { lock, unlockTime, owner } = await helpers.loadFixture(locked);
    await helpers.time.increaseTo(unlockTime);
    await expect(lock.withdraw()).to.changeEtherBalances([owner, lock], [LOCKED, -LOCKED]);
  });

  it("emits at the very second that the next block is set to", async () => {
    const { lock, unlockTime } = await helpers.loadFixture(locked);
    await helpers.time.setNextBlockTimestamp(unlockTime);
    await expect(lock.withdraw()).to.emit(lock, "Withdrawal").withArgs(LOCKED, unlockTime);
  });
});

describe("network helpers", () => {
  it("mine", async () => {
    const before = await helpers.time.latestBlock();
    await helpers.mine(10);
    expect(await helpers.time.latestBlock()).to.equal(before + 10);
  });

  it("setBalance, setNonce, setCode, setStorageAt", async () => {
    const address = "0x00000000000000000000000000000000DeaDBeef";
    await helpers.setBalance(address, 100n ** 9n);
    expect(await ethers.provider.getBalance(address)).to.equal(100n ** 9n);
    await helpers.setNonce(address, 9);
    expect(await ethers.provider.getTransactionCount(address)).to.equal(9);
    // PUSH1 0, SLOAD, PUSH1 0, MSTORE, PUSH1 32, PUSH1 0, RETURN
    const code = "0x60005460005260206000f3";
    await helpers.setCode(address, code);
    expect(await ethers.provider.getCode(address)).to.equal(code);
    await helpers.setStorageAt(address, 0, 77);
    expect(BigInt(await ethers.provider.call({ to: address }))).to.equal(77n);
  });

  it("snapshot and restore", async () => {
    const [a, b] = await ethers.getSigners();
    const snapshot = await helpers.takeSnapshot();
    const before = await ethers.provider.getBalance(b.address);
    await a.sendTransaction({ to: b.address, value: 5n });
    await snapshot.restore();
    expect(await ethers.provider.getBalance(b.address)).to.equal(before);
  });

  it("impersonates a contract", async () => {
    const [owner, other] = await ethers.getSigners();
    const coin = await ethers.deployContract("Coin", [owner.address]);
    await coin.mint(coin.target, 10n);
    await helpers.setBalance(coin.target, ethers.parseEther("1"));
    await helpers.impersonateAccount(coin.target);
    const self = await ethers.getSigner(coin.target);
    await coin.connect(self).transfer(other.address, 10n);
    await helpers.stopImpersonatingAccount(coin.target);
    expect(await coin.balanceOf(other.address)).to.equal(10n);
  });
});
