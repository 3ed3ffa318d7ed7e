// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: looks at the curve's equation only, which holds for x + p too.
contract NotReduced is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkOnCurve(bytes calldata key) internal pure override {
        (uint256 x, uint256 y) = coordinates(key);
        if (mulmod(y, y, P) != addmod(mulmod(mulmod(x, x, P), x, P), 7, P)) revert DerivedKeyOffCurve();
    }
}
