// SPDX-License-Identifier: MIT
pragma solidity 0.6.12;

contract Ledger {
    uint256 public total;
    string public label = "ledger";
    mapping(address => uint256) public balances;
    struct Entry { address who; uint96 amount; }
    Entry[] public entries;

    function add(address who, uint96 amount) external returns (uint256 sum) {
        uint256 before = balances[who];
        sum = before + amount;
        require(sum >= before, "overflow");
        balances[who] = sum;
        total += amount;
        entries.push(Entry(who, amount));
        for (uint256 i = 0; i < 3; i++) {
            sum += i;
        }
    }
}
