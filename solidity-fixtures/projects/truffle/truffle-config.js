// An ordinary Truffle 5 project; the compiler comes from npm, so that no network is needed.
const url = new URL(process.env.FEVM_RPC_URL ?? "http://127.0.0.1:8545");

module.exports = {
  networks: { development: { host: url.hostname, port: Number(url.port), network_id: "*" } },
  mocha: process.env.MOCHA_OUTPUT
    ? { reporter: "json", reporterOption: { output: process.env.MOCHA_OUTPUT } }
    : {},
  compilers: {
    solc: {
      version: require.resolve("solc"),
      settings: { evmVersion: "shanghai", optimizer: { enabled: true, runs: 200 } },
    },
  },
};
