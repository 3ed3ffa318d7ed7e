// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: refuses the largest low s.
contract LowSOffByOne is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkLowS(Link link, uint256 s) internal pure override {
        if (s >= HALF_N) revert SignatureHighS(link);
    }
}
