// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: the recovered root is not compared with the expected one.
contract AnotherRoot is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkIssuer(address) internal pure override {}
}
