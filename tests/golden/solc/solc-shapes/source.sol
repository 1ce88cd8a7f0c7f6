// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface Shape {
    function area(uint256 scale) external view returns (uint256);
}

error Flat();
