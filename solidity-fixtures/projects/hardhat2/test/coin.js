const { loadFixture } = require("@nomicfoundation/hardhat-network-helpers");
const { anyValue } = require("@nomicfoundation/hardhat-chai-matchers/withArgs");
const { expect } = require("chai");
const { ethers, ignition } = require("hardhat");
const CoinModule = require("../ignition/modules/Coin");

describe("Coin", () => {
  async function deployed() {
    const [admin, alice, bob] = await ethers.getSigners();
    const coin = await ethers.deployContract("Coin", [admin.address]);
    await coin.mint(alice.address, 1000n);
    return { coin, admin, alice, bob };
  }

  it("mints by role, and names the role that is missing", async () => {
    const { coin, admin, bob } = await loadFixture(deployed);
    await expect(coin.mint(bob.address, 5n))
      .to.emit(coin, "Transfer")
      .withArgs(ethers.ZeroAddress, bob.address, 5n);
    await expect(coin.connect(bob).mint(bob.address, 5n))
      .to.be.revertedWithCustomError(coin, "AccessControlUnauthorizedAccount")
      .withArgs(bob.address, await coin.MINTER());
    expect(await coin.hasRole(await coin.MINTER(), admin.address)).to.equal(true);
  });

  it("moves balances as asked", async () => {
    const { coin, alice, bob } = await loadFixture(deployed);
    await expect(coin.connect(alice).transfer(bob.address, 100n)).to.changeTokenBalances(coin, [alice, bob], [-100n, 100n]);
    await expect(coin.connect(bob).transfer(alice.address, 101n))
      .to.be.revertedWithCustomError(coin, "ERC20InsufficientBalance")
      .withArgs(bob.address, 100n, 101n);
  });

  it("is as it was in every test that loads the fixture", async () => {
    const { coin, alice, bob } = await loadFixture(deployed);
    expect(await coin.balanceOf(alice.address)).to.equal(1000n);
    expect(await coin.balanceOf(bob.address)).to.equal(0n);
  });

  it("takes a permit signed by the node (eth_signTypedData_v4)", async () => {
    const { coin, alice, bob } = await loadFixture(deployed);
    const { name, version, chainId, verifyingContract } = await coin.eip712Domain();
    const permit = ["owner", "spender", "value", "nonce", "deadline"];
    const types = {
      Permit: permit.map((field) => ({ name: field, type: ["owner", "spender"].includes(field) ? "address" : "uint256" })),
    };
    const values = { owner: alice.address, spender: bob.address, value: 7n, nonce: 0n, deadline: ethers.MaxUint256 };
    const signature = await alice.signTypedData({ name, version, chainId, verifyingContract }, types, values);
    const { v, r, s } = ethers.Signature.from(signature);
    await expect(coin.permit(alice.address, bob.address, 7n, ethers.MaxUint256, v, r, s))
      .to.emit(coin, "Approval")
      .withArgs(alice.address, bob.address, 7n);
    await expect(coin.connect(bob).transferFrom(alice.address, bob.address, 7n)).to.emit(coin, "Transfer").withArgs(anyValue, anyValue, 7n);
  });

  it("is deployed by Ignition", async () => {
    const { coin } = await ignition.deploy(CoinModule);
    expect(await coin.totalSupply()).to.equal(1_000_000n);
  });
});
