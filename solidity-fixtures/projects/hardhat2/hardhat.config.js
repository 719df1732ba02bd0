// An ordinary Hardhat 2 project. What is not ordinary: the compiler comes from npm, so that no network is needed.
const { subtask } = require("hardhat/config");
const { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } = require("hardhat/builtin-tasks/task-names");
require("@nomicfoundation/hardhat-toolbox");

const VERSION = require("solc/package.json").version;

subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, async (args, hre, runSuper) => {
  if (args.solcVersion !== VERSION) return runSuper();
  return {
    compilerPath: require.resolve("solc/soljson.js"),
    isSolcJs: true,
    version: VERSION,
    longVersion: require("solc").version(),
  };
});

module.exports = {
  solidity: { version: VERSION, settings: { evmVersion: "osaka", optimizer: { enabled: true, runs: 200 } } },
  defaultNetwork: "fevm",
  networks: { fevm: { url: process.env.FEVM_RPC_URL ?? "http://127.0.0.1:8545" } },
  mocha: process.env.MOCHA_OUTPUT
    ? { reporter: "json", reporterOption: { output: process.env.MOCHA_OUTPUT } }
    : {},
};
