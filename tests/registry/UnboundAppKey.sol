// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: the key that made the claim is not compared with the app key that the KMS issued.
contract UnboundAppKey is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkAppKey(address, address) internal pure override {}
}
