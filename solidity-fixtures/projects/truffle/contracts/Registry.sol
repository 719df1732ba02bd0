// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Names} from "./Names.sol";

/// Names for addresses, for a fee.
contract Registry is Ownable {
    event Registered(string name, address indexed holder);

    mapping(bytes32 => address) private holders;
    uint256 public immutable fee;

    constructor(uint256 fee_) Ownable(msg.sender) {
        fee = fee_;
    }

    function register(string calldata name) external payable {
        require(msg.value == fee, "wrong fee");
        bytes32 key = Names.key(name);
        require(holders[key] == address(0), "name is taken");
        holders[key] = msg.sender;
        emit Registered(name, msg.sender);
    }

    function holderOf(string calldata name) external view returns (address) {
        return holders[Names.key(name)];
    }

    function collect() external onlyOwner {
        payable(owner()).transfer(address(this).balance);
    }
}
