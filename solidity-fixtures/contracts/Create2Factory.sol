// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// What the factory makes: remembers its maker and a number, and can refuse to be made.
contract Child {
    error Refused(uint256 number);

    address public immutable maker;
    uint256 public immutable number;
    uint256 public received;

    constructor(uint256 number_) payable {
        if (number_ == 13) revert Refused(number_);
        maker = msg.sender;
        number = number_;
        received = msg.value;
    }
}

/// Makes contracts by CREATE and CREATE2, and says beforehand where CREATE2 puts them.
contract Create2Factory {
    event Deployed(address indexed at, bytes32 indexed salt, bool byCreate2);
    error DeploymentFailed();

    function deployChild(bytes32 salt, uint256 number) external payable returns (address at) {
        at = address(new Child{salt: salt, value: msg.value}(number));
        emit Deployed(at, salt, true);
    }

    function createChild(uint256 number) external payable returns (address at) {
        at = address(new Child{value: msg.value}(number));
        emit Deployed(at, 0, false);
    }

    function tryCreateChild(uint256 number) external returns (bool made, bytes memory reason) {
        try new Child(number) returns (Child) {
            made = true;
        } catch (bytes memory data) {
            reason = data;
        }
    }

    /// Any init code, by CREATE2; a failed creation is reported by our own error.
    function deploy(bytes32 salt, bytes memory initCode) external payable returns (address at) {
        assembly {
            at := create2(callvalue(), add(initCode, 32), mload(initCode), salt)
        }
        if (at == address(0)) revert DeploymentFailed();
        emit Deployed(at, salt, true);
    }

    function predict(bytes32 salt, uint256 number) external view returns (address) {
        bytes32 codeHash = keccak256(abi.encodePacked(type(Child).creationCode, abi.encode(number)));
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), salt, codeHash)))));
    }
}
