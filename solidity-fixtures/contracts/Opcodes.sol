// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.31;

/// The instructions that came after London, by inline assembly.
contract Opcodes {
    /// MCOPY over overlapping ranges.
    function mcopyOverlap(bytes memory data, uint256 to, uint256 from, uint256 size) external pure returns (bytes memory) {
        require(to + size <= data.length && from + size <= data.length, "Opcodes: out of range");
        assembly {
            let start := add(data, 32)
            mcopy(add(start, to), add(start, from), size)
        }
        return data;
    }

    function transient_(uint256 value) external returns (uint256 before, uint256 afterwards) {
        assembly {
            before := tload(7)
            tstore(7, value)
            afterwards := tload(7)
        }
    }

    function clz_(uint256 x) external pure returns (uint256 n) {
        assembly {
            n := clz(x)
        }
    }

    function arithmetic(uint256 a, uint256 b, uint256 m)
        external
        pure
        returns (uint256 product, uint256 quotient, uint256 power, uint256 mulModulo, uint256 addModulo, int256 signed)
    {
        unchecked {
            product = a * b;
            quotient = b == 0 ? 0 : a / b;
            power = a ** (b % 1024);
            mulModulo = m == 0 ? 0 : mulmod(a, b, m);
            addModulo = m == 0 ? 0 : addmod(a, b, m);
        }
        assembly {
            signed := sdiv(a, b)
        }
    }
}
