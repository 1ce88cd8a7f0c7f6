// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {Money as Cash, rounded, LIMIT} from "./Money.sol";
import "./Ledger.sol";
import * as ledgers from "./Ledger.sol";

/// What a shop takes.
interface ITill {
    event Paid(address indexed by, uint256 amount);
    error TooMuch(uint256 amount, string why);

    function pay(uint256 amount) external payable returns (bool);
}

/**
 * @title A till
 * @dev Adds up prices.
 */
contract Till is Ledger, ITill {
    using Cash for uint256;

    enum State { Open, Closed }
    struct Receipt { uint256 amount; State state; address by; }
    type Price is uint128;

    uint256 public constant FEE = 3;
    address private immutable owner;
    mapping(address => Receipt[]) internal receipts;
    State state;

    /// Only its owner.
    modifier onlyOwner(string memory why) {
        require(msg.sender == owner, why);
        _;
    }

    constructor(address owner_) Ledger(unicode"till é") {
        owner = owner_;
    }

    receive() external payable {}

    fallback() external {}

    /// @inheritdoc ITill
    function pay(uint256 amount) public payable override returns (bool done) {
        uint256 net = rounded(amount).less(FEE);
        if (net > LIMIT && state == State.Open) {
            revert TooMuch(net, "limit");
        } else if (net == 0) {
            return false;
        }
        receipts[msg.sender].push(Receipt({amount: net, state: State.Open, by: msg.sender}));
        emit Paid(msg.sender, net);
        done = note(net);
        (bool ok, ) = owner.call{value: net}("");
        assert(ok);
        for (uint256 i = 0; i < 2; i++) {
            try ITill(address(this)).pay(i) returns (bool again) {
                done = again;
            } catch Error(string memory reason) {
                emit Noted(reason);
            } catch {}
        }
        assembly {
            let x := add(amount, 1)
            if gt(x, 2) { mstore(0, x) }
        }
    }

    function note(uint256 amount) internal override returns (bool) {
        Price price = Price.wrap(uint128(amount));
        return super.note(Price.unwrap(price)) ? true : amount > 1;
    }

    function close() external onlyOwner("close") {
        state = State.Closed;
        delete receipts[owner];
        unchecked { state = State.Open; }
        ledgers.Ledger other = new Ledger("other");
        other.total();
    }
}
