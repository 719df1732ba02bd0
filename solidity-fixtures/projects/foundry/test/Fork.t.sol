// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Savings} from "../src/Savings.sol";

interface Vm {
    function envAddress(string calldata name) external view returns (address);
    function prank(address sender) external;
}

/// Runs against the state that the deployment left on the node (`forge test --fork-url`).
contract ForkTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function test_deposit_is_there() external view {
        Savings savings = Savings(vm.envAddress("SAVINGS"));
        require(savings.totalAssets() == 1_000 ether, "assets");
        require(savings.balanceOf(vm.envAddress("OWNER")) == 1_000 ether, "shares");
    }

    function test_withdrawal_on_a_fork() external {
        Savings savings = Savings(vm.envAddress("SAVINGS"));
        address owner = vm.envAddress("OWNER");
        vm.prank(owner);
        savings.withdraw(400 ether, owner, owner);
        require(savings.totalAssets() == 600 ether, "assets after");
    }
}
