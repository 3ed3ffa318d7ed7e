// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: takes a claim for any purpose.
contract PurposeUnchecked is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkPurpose(bytes calldata) internal pure override {}
}
