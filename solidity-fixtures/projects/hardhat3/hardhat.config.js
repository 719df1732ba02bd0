// An ordinary Hardhat 3 project with the viem toolbox. What is not ordinary: the compiler comes from npm, so that no
// network is needed.
import { createRequire } from "node:module";
import toolbox from "@nomicfoundation/hardhat-toolbox-viem";
import { defineConfig } from "hardhat/config";

const require = createRequire(import.meta.url);
const { version } = require("solc/package.json");

export default defineConfig({
  plugins: [toolbox],
  solidity: {
    compilers: [
      {
        version,
        path: require.resolve("solc/soljson.js"),
        settings: { evmVersion: "osaka", optimizer: { enabled: true, runs: 200 } },
      },
    ],
  },
  networks: { fevm: { type: "http", url: process.env.FEVM_RPC_URL ?? "http://127.0.0.1:8545" } },
});
