// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Asset, Savings} from "../src/Savings.sol";

/// The part of Foundry's cheat codes that a deployment needs.
interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
}

/// An asset by CREATE2 through the deterministic deployer, a pot of it by CREATE, and a first deposit.
contract Deploy {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function run(bytes32 salt) external returns (Asset asset, Savings savings) {
        vm.startBroadcast();
        asset = new Asset{salt: salt}(1_000_000 ether, msg.sender);
        savings = new Savings(asset, 10_000 ether);
        asset.approve(address(savings), type(uint256).max);
        savings.deposit(1_000 ether, msg.sender);
        vm.stopBroadcast();
    }
}
