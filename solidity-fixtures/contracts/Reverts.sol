// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// Every way in which Solidity code fails.
contract Reverts {
    error Plain();
    error Detailed(address who, uint256 wanted, string why);

    uint256 public touched;
    uint256[] private list;

    function withoutReason() external pure {
        require(false);
    }

    function withReason() external pure {
        revert("Reverts: on purpose");
    }

    function withLongReason() external pure {
        revert("Reverts: a reason that is longer than one word of thirty-two bytes, as real ones often are");
    }

    function withPlainError() external pure {
        revert Plain();
    }

    function withDetailedError(uint256 wanted) external view {
        revert Detailed(msg.sender, wanted, "not today");
    }

    function withRawBytes(bytes calldata data) external pure {
        bytes memory copy = data;
        assembly {
            revert(add(copy, 32), mload(copy))
        }
    }

    function panicAssert() external pure {
        assert(false);
    }

    function panicOverflow(uint256 x) external pure returns (uint256) {
        return type(uint256).max + x;
    }

    function panicDivision(uint256 x) external pure returns (uint256) {
        return 1 / x;
    }

    function panicIndex(uint256 i) external view returns (uint256) {
        return list[i];
    }

    function panicPop() external {
        list.pop();
    }

    function invalidOpcode() external pure {
        assembly {
            invalid()
        }
    }

    function outOfGas() external {
        for (uint256 i = 0; ; i++) touched = i;
    }

    /// Writes, then fails: nothing of it may stay.
    function writeThenRevert() external {
        touched = 77;
        revert("Reverts: written in vain");
    }

    /// The failure of a nested call, caught: status and data as the caller sees them.
    function caught(bytes calldata call_) external returns (bool ok, bytes memory data) {
        (ok, data) = address(this).call(call_);
    }

    /// The failure of a nested call, passed on.
    function bubbled(bytes calldata call_) external returns (bytes memory) {
        (bool ok, bytes memory data) = address(this).call(call_);
        if (!ok) {
            assembly {
                revert(add(data, 32), mload(data))
            }
        }
        return data;
    }
}

/// Fails in its constructor, with a reason.
contract RevertsAtBirth {
    constructor(uint256 x) payable {
        require(x > 100, "RevertsAtBirth: x too small");
    }
}
