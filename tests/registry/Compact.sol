// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

import {Registry} from "src/dstack/registry/Registry.sol";

/// @dev FLAW: takes EIP-2098's 64 bytes beside the 65.
contract Compact is Registry {
    constructor(address root, bytes memory purpose) Registry(root, purpose) {}

    function signer(Link link, bytes32 digest, bytes calldata signature)
        internal
        view
        override
        returns (address recovered)
    {
        if (signature.length != 64) return super.signer(link, digest, signature);
        uint256 vs = uint256(bytes32(signature[32:]));
        recovered = ecrecover(digest, uint8(27 + (vs >> 255)), bytes32(signature[:32]), bytes32(vs << 1 >> 1));
        checkRecovered(link, recovered);
    }
}
