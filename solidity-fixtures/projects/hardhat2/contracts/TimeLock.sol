// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

import "hardhat/console.sol";

/// Holds value until a time, for one owner.
contract TimeLock {
    event Withdrawal(uint256 amount, uint256 when);
    error TooEarly(uint256 now_, uint256 unlockTime);
    error NotOwner(address caller);

    uint256 public immutable unlockTime;
    address payable public immutable owner;

    constructor(uint256 unlockTime_) payable {
        require(block.timestamp < unlockTime_, "Unlock time should be in the future");
        unlockTime = unlockTime_;
        owner = payable(msg.sender);
    }

    function withdraw() external {
        console.log("withdrawal at %d, unlocked from %d", block.timestamp, unlockTime);
        if (block.timestamp < unlockTime) revert TooEarly(block.timestamp, unlockTime);
        if (msg.sender != owner) revert NotOwner(msg.sender);
        emit Withdrawal(address(this).balance, block.timestamp);
        owner.transfer(address(this).balance);
    }
}
