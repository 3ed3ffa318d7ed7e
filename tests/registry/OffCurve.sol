// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: takes any y below p for the derived key.
contract OffCurve is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkOnCurve(bytes calldata key) internal pure override {
        (uint256 x, uint256 y) = coordinates(key);
        if (x >= P || y >= P) revert DerivedKeyOffCurve();
    }
}
