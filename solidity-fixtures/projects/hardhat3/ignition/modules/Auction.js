import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

// An auction of an hour with a first bid in it.
export default buildModule("Auction", (m) => {
  const auction = m.contract("Auction", [3600n]);
  m.call(auction, "bid", [], { value: 5n, from: m.getAccount(1) });
  return { auction };
});
