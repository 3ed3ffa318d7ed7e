// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: takes a KMS signature of EIP-191's message too.
contract Eip191Too is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function signer(Link link, bytes32 digest, bytes calldata signature)
        internal
        view
        override
        returns (address recovered)
    {
        recovered = super.signer(link, digest, signature);
        if (link == Link.Issued && recovered != kmsRoot) {
            digest = keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", digest));
            recovered = super.signer(link, digest, signature);
        }
    }
}
