// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.24;

/// Ethereum's precompiles as Solidity code reaches them.
contract Precompiles {
    function recover(bytes32 hash, uint8 v, bytes32 r, bytes32 s) external pure returns (address) {
        return ecrecover(hash, v, r, s);
    }

    function hashes(bytes calldata data) external pure returns (bytes32 sha, bytes20 ripemd, bytes32 keccak) {
        return (sha256(data), ripemd160(data), keccak256(data));
    }

    function modExp(bytes calldata base, bytes calldata exponent, bytes calldata modulus) external view returns (bytes memory) {
        return _static(address(5), abi.encodePacked(base.length, exponent.length, modulus.length, base, exponent, modulus));
    }

    /// Any precompile: `ok` as STATICCALL gives it, and the output.
    function raw(address precompile, bytes calldata input) external view returns (bool ok, bytes memory output) {
        (ok, output) = precompile.staticcall(input);
    }

    function _static(address precompile, bytes memory input) private view returns (bytes memory output) {
        bool ok;
        (ok, output) = precompile.staticcall(input);
        require(ok, "Precompiles: call failed");
    }
}
