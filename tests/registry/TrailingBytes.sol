// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: takes signatures with more than 65 bytes.
contract TrailingBytes is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkSignatureLength(Link link, bytes calldata signature) internal pure override {
        if (signature.length < 65) revert SignatureLength(link, signature.length);
    }
}
