// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// The smallest contract with state, an event and a refusal.
contract Counter {
    event Changed(address indexed by, uint256 oldValue, uint256 newValue);

    uint256 public count;

    function increment() external returns (uint256) {
        return _set(count + 1);
    }

    function add(uint256 amount) external returns (uint256) {
        return _set(count + amount);
    }

    function decrement() external returns (uint256) {
        require(count > 0, "Counter: already zero");
        return _set(count - 1);
    }

    function _set(uint256 value) private returns (uint256) {
        emit Changed(msg.sender, count, value);
        count = value;
        return value;
    }
}
