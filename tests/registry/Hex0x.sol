// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: hashes the derived key's hex with 0x before it.
contract Hex0x is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function hexOf(bytes memory data) internal pure override returns (bytes memory) {
        return bytes.concat("0x", super.hexOf(data));
    }
}
