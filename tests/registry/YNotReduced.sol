// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: asks of x only that it is below p.
contract YNotReduced is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkOnCurve(bytes calldata key) internal pure override {
        (uint256 x, uint256 y) = coordinates(key);
        if (x >= P || mulmod(y, y, P) != addmod(mulmod(mulmod(x, x, P), x, P), 7, P)) revert DerivedKeyOffCurve();
    }
}
