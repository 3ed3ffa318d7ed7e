// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: a root that was never set is taken for any.
contract UnsetRootTrusts is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkRoot(address) internal pure override {}

    function checkIssuer(address recovered) internal view override {
        if (kmsRoot != address(0)) super.checkIssuer(recovered);
    }
}
