const { buildModule } = require("@nomicfoundation/hardhat-ignition/modules");

// A deployment of dependent steps: the coin, a second minter, a first issue.
module.exports = buildModule("Coin", (m) => {
  const admin = m.getAccount(0);
  const minter = m.getAccount(1);
  const coin = m.contract("Coin", [admin]);
  const grant = m.call(coin, "grantRole", [m.staticCall(coin, "MINTER"), minter]);
  m.call(coin, "mint", [admin, 1_000_000n], { from: minter, after: [grant] });
  return { coin };
});
