// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: takes what the KMS issued before 0.4.0 too, which names no app.
contract OldFormatToo is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function issuedDigest(Proof calldata proof) internal view override returns (bytes32) {
        bytes memory key = compressed(proof.appKey);
        bytes32 old = keccak256(abi.encodePacked("dstack-kms-issued:", key));
        bool issued = proof.issuedSignature.length == 65
            && ecrecover(
                old,
                27 + uint8(proof.issuedSignature[64]) % 2,
                bytes32(proof.issuedSignature[:32]),
                bytes32(proof.issuedSignature[32:64])
            ) == kmsRoot;
        return issued ? old : super.issuedDigest(proof);
    }
}
