// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

uint256 constant LIMIT = 100;

function rounded(uint256 amount) pure returns (uint256) {
    return amount - (amount % 5);
}

library Money {
    function less(uint256 amount, uint256 fee) internal pure returns (uint256) {
        return amount > fee ? amount - fee : 0;
    }
}
