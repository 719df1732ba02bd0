// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// Slots as Solidity lays them out, for reading by eth_getStorageAt.
contract StorageLayout {
    uint256 public word; // slot 0
    uint128 public low; // slot 1, lower half
    uint64 public middle; // slot 1
    bool public flag; // slot 1
    address public who; // slot 2
    string public short_; // slot 3, in place
    string public long_; // slot 4, elsewhere
    uint256[] public list; // slot 5
    mapping(address => uint256) public map; // slot 6
    bytes32 private constant FAR = keccak256("fevm.fixtures.far");

    constructor() {
        word = 0x1234;
        low = type(uint128).max;
        middle = 0xabcdef;
        flag = true;
        who = msg.sender;
        short_ = "short";
        long_ = "a string that does not fit into a single slot of storage";
        list.push(11);
        list.push(22);
        map[msg.sender] = 33;
        _far(44);
    }

    function fill(uint256 n) external {
        for (uint256 i = 0; i < n; i++) list.push(i);
    }

    function clear() external {
        delete list;
        delete word;
    }

    function far() external view returns (uint256 v) {
        bytes32 slot = FAR;
        assembly {
            v := sload(slot)
        }
    }

    function _far(uint256 v) private {
        bytes32 slot = FAR;
        assembly {
            sstore(slot, v)
        }
    }
}
