const Names = artifacts.require("Names");
const Registry = artifacts.require("Registry");

module.exports = async (deployer) => {
  await deployer.deploy(Names);
  await deployer.link(Names, Registry);
  await deployer.deploy(Registry, 100);
};
