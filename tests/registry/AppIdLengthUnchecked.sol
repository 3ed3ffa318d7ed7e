// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: hashes an app id of any length.
contract AppIdLengthUnchecked is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkAppId(bytes calldata) internal pure override {}
}
