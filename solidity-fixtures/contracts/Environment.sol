// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// What a contract sees of the chain, of its caller and of other accounts.
contract Environment {
    function blockInfo()
        external
        view
        returns (uint256 number, uint256 timestamp, uint256 gasLimit, uint256 baseFee, uint256 chainId, address coinbase)
    {
        return (block.number, block.timestamp, block.gaslimit, block.basefee, block.chainid, block.coinbase);
    }

    function hashOf(uint256 number) external view returns (bytes32) {
        return blockhash(number);
    }

    function caller() external payable returns (address sender, address origin, uint256 value, uint256 gasPrice) {
        return (msg.sender, tx.origin, msg.value, tx.gasprice);
    }

    function account(address a) external view returns (uint256 balance, uint256 size, bytes32 codeHash) {
        return (a.balance, a.code.length, a.codehash);
    }

    function selfBalance() external view returns (uint256) {
        return address(this).balance;
    }

    function gas() external view returns (uint256) {
        return gasleft();
    }

    receive() external payable {}
}
