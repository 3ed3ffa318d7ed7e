// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: drops the higher bit of recovery ids 2 and 3.
contract VMasked is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function recoveryId(Link link, uint8 v) internal pure override returns (uint8) {
        if (v > 3) revert SignatureV(link, v);
        return v & 1;
    }
}
