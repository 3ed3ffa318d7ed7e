// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: drops the top bit of v.
contract VTopBit is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function recoveryId(Link link, uint8 v) internal pure override returns (uint8) {
        return super.recoveryId(link, v & 0x7f);
    }
}
