// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// Takes value and passes it on in every way that Solidity knows.
contract Payments {
    event Received(address indexed from, uint256 value, bytes data);

    error Failed(bytes data);

    receive() external payable {
        emit Received(msg.sender, msg.value, "");
    }

    fallback() external payable {
        emit Received(msg.sender, msg.value, msg.data);
    }

    function byCall(address payable to, uint256 value) external {
        (bool ok, bytes memory data) = to.call{value: value}("");
        if (!ok) revert Failed(data);
    }

    function byTransfer(address payable to, uint256 value) external {
        to.transfer(value);
    }

    function bySend(address payable to, uint256 value) external returns (bool) {
        return to.send(value);
    }

    /// Gives everything away and dies.
    function leave(address payable to) external {
        selfdestruct(to);
    }
}

/// Takes nothing.
contract NotPayable {
    uint256 public value = 1;
}
