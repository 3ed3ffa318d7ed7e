// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: reads v of 35 and more as a transaction's.
contract VEip155 is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function recoveryId(Link link, uint8 v) internal pure override returns (uint8) {
        bool ofTransaction = (v >= 35 && v <= 38) || v == 253 || v == 254;
        return super.recoveryId(link, ofTransaction ? (v - 35) & 1 : v);
    }
}
