// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

contract Ledger {
    event Noted(string what);

    string name;
    uint256[] private amounts;

    constructor(string memory name_) {
        name = name_;
    }

    function note(uint256 amount) internal virtual returns (bool) {
        amounts.push(amount);
        emit Noted(name);
        return true;
    }

    function total() public view returns (uint256 sum) {
        uint256 i = 0;
        while (i < amounts.length) {
            sum += amounts[i];
            i++;
        }
        do { sum += 0; } while (false);
    }
}
