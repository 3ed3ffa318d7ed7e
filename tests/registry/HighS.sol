// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: takes a high s.
contract HighS is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkLowS(Link, uint256) internal pure override {}
}
