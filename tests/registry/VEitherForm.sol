// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: takes v 27 and 28 beside 0 and 1.
contract VEitherForm is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function recoveryId(Link link, uint8 v) internal pure override returns (uint8) {
        return super.recoveryId(link, v == 27 || v == 28 ? v - 27 : v);
    }
}
