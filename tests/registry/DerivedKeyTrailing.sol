// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: takes a derived key with bytes after y.
contract DerivedKeyTrailing is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkDerivedKeyLength(bytes calldata key) internal pure override {
        if (key.length < 64) revert DerivedKeyLength(key.length);
    }
}
