const Registry = artifacts.require("Registry");

/** The message of a call that must fail. */
async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    return error.message;
  }
  return assert.fail("should have been refused");
}

contract("Registry", ([owner, alice, bob]) => {
  let registry;

  beforeEach(async () => {
    registry = await Registry.deployed();
  });

  it("is the one that the migration deployed, library linked", async () => {
    assert.equal((await registry.fee()).toNumber(), 100);
    assert.equal(await registry.owner(), owner);
  });

  it("registers a name and says so", async () => {
    const { logs, receipt } = await registry.register("fil", { from: alice, value: 100 });
    assert.equal(logs[0].event, "Registered");
    assert.deepEqual([logs[0].args.name, logs[0].args.holder], ["fil", alice]);
    assert.equal(receipt.status, true);
    assert.equal(await registry.holderOf("fil"), alice);
  });

  it("refuses a name that is taken, and a wrong fee, with the reason", async () => {
    assert.match(await refused(registry.register("fil", { from: bob, value: 100 })), /name is taken/);
    assert.match(await refused(registry.register("eth", { from: bob, value: 99 })), /wrong fee/);
  });

  it("pays the fees to the owner alone", async () => {
    assert.match(await refused(registry.collect({ from: bob })), /revert/);
    await registry.collect({ from: owner });
    assert.equal(await web3.eth.getBalance(registry.address), "0");
  });

  it("finds the event again", async () => {
    const events = await registry.getPastEvents("Registered", { fromBlock: 0, filter: { holder: alice } });
    assert.equal(events.length, 1);
  });
});
