// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: cuts a longer app id to 20 bytes.
contract AppIdCut is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function checkAppId(bytes calldata appId) internal pure override {
        if (appId.length < 20) revert AppIdLength(appId.length);
    }

    function issuedDigest(Proof calldata proof) internal pure override returns (bytes32) {
        return keccak256(abi.encodePacked("dstack-kms-issued:", bytes20(proof.appId), compressed(proof.appKey)));
    }
}
