// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title A registry of instances whose keys come from one dstack KMS.
/// @notice Registers the address of a derived key, with proof: the app key signed the derived key (link 0,
/// the claim), and the KMS root signed the app key (link 1, kms-issued).
/// Anybody may hand a proof over: what is registered is the derived key's address, never the sender's.
/// @dev The checks stand in the order in which they are made, and the first that fails names the fault. The
/// Rust verifier has the same checks in the same order under the same names. Each step is `virtual` for one
/// reason: the flawed variants of the tests replace exactly one.
contract Registry {
    /// @notice What an instance hands over. Keys are x then y, 32 bytes each; signatures are r, s and v,
    /// 32, 32 and 1 bytes, v being 0 or 1.
    struct Proof {
        bytes appId;
        bytes purpose;
        bytes appKey;
        bytes derivedKey;
        bytes claimSignature;
        bytes issuedSignature;
    }

    /// @notice Which signature a fault speaks of.
    enum Link {
        Claim,
        Issued
    }

    error ZeroRoot();
    error AppIdLength(uint256 length);
    error PurposeMismatch();
    error AppKeyLength(uint256 length);
    error DerivedKeyLength(uint256 length);
    error DerivedKeyOffCurve();
    error SignatureLength(Link link, uint256 length);
    error SignatureV(Link link, uint8 v);
    error SignatureHighS(Link link);
    error SignatureRejected(Link link);
    error AppKeyMismatch(address recovered, address claimed);
    error WrongRoot(address recovered, address expected);
    error AlreadyRegistered(address instance);

    event InstanceRegistered(address indexed instance, bytes20 indexed appId);

    /// @dev The prime of secp256k1's field.
    uint256 internal constant P = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFC2F;
    /// @dev Half the order of secp256k1's group, rounded down: the largest s that is low.
    uint256 internal constant HALF_N = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice The address of the KMS root key.
    address public immutable kmsRoot;
    /// @notice Keccak-256 of the purpose that keys must have been claimed for.
    bytes32 public immutable purposeHash;
    /// @notice Whether an address is registered.
    mapping(address => bool) public instances;

    constructor(address root, bytes memory purpose) {
        checkRoot(root);
        kmsRoot = root;
        purposeHash = keccak256(purpose);
    }

    /// @notice Registers the address of the proof's derived key.
    function registerInstanceWithProof(Proof calldata proof) external returns (address instance) {
        instance = verify(proof);
        if (instances[instance]) revert AlreadyRegistered(instance);
        instances[instance] = true;
        emit InstanceRegistered(instance, bytes20(proof.appId));
    }

    /// @notice The address of the proof's derived key, if the chain holds; reverts with its first fault.
    function verify(Proof calldata proof) public view returns (address instance) {
        checkRoot(kmsRoot);
        checkAppId(proof.appId);
        checkPurpose(proof.purpose);
        if (proof.appKey.length != 64) revert AppKeyLength(proof.appKey.length);
        checkDerivedKeyLength(proof.derivedKey);
        checkOnCurve(proof.derivedKey);
        checkAppKey(signer(Link.Claim, claimDigest(proof), proof.claimSignature), addressOf(proof.appKey));
        checkIssuer(signer(Link.Issued, issuedDigest(proof), proof.issuedSignature));
        return addressOf(proof.derivedKey);
    }

    /// @dev `ecrecover` gives the zero address where there is no key, so that under a zero root everything
    /// would be signed.
    function checkRoot(address root) internal pure virtual {
        if (root == address(0)) revert ZeroRoot();
    }

    function checkAppId(bytes calldata appId) internal pure virtual {
        if (appId.length != 20) revert AppIdLength(appId.length);
    }

    function checkPurpose(bytes calldata purpose) internal view virtual {
        if (keccak256(purpose) != purposeHash) revert PurposeMismatch();
    }

    function checkDerivedKeyLength(bytes calldata key) internal pure virtual {
        if (key.length != 64) revert DerivedKeyLength(key.length);
    }

    /// @dev The claim covers x and the parity of y only: with another y the key would have an address that
    /// nobody claimed.
    function checkOnCurve(bytes calldata key) internal pure virtual {
        (uint256 x, uint256 y) = coordinates(key);
        bool reduced = x < P && y < P;
        if (!reduced || mulmod(y, y, P) != addmod(mulmod(mulmod(x, x, P), x, P), 7, P)) {
            revert DerivedKeyOffCurve();
        }
    }

    /// @dev What the KMS signs is the caller's app key: it must be the one that made the claim.
    function checkAppKey(address recovered, address claimed) internal view virtual {
        if (recovered != claimed) revert AppKeyMismatch(recovered, claimed);
    }

    function checkIssuer(address recovered) internal view virtual {
        if (recovered != kmsRoot) revert WrongRoot(recovered, kmsRoot);
    }

    /// @dev keccak256(purpose + ":" + lowercase hex of the compressed derived key).
    function claimDigest(Proof calldata proof) internal view virtual returns (bytes32) {
        return keccak256(abi.encodePacked(proof.purpose, ":", hexOf(compressed(proof.derivedKey))));
    }

    /// @dev keccak256("dstack-kms-issued:" + app id + compressed app key).
    function issuedDigest(Proof calldata proof) internal view virtual returns (bytes32) {
        return keccak256(abi.encodePacked("dstack-kms-issued:", proof.appId, compressed(proof.appKey)));
    }

    /// @dev Who signed. One signature has one form: 65 bytes, v 0 or 1, a low s.
    function signer(Link link, bytes32 digest, bytes calldata signature)
        internal
        view
        virtual
        returns (address recovered)
    {
        checkSignatureLength(link, signature);
        bytes32 r = bytes32(signature[:32]);
        bytes32 s = bytes32(signature[32:64]);
        uint8 v = recoveryId(link, uint8(signature[64]));
        checkLowS(link, uint256(s));
        recovered = ecrecover(digest, 27 + v, r, s);
        checkRecovered(link, recovered);
    }

    function checkSignatureLength(Link link, bytes calldata signature) internal pure virtual {
        if (signature.length != 65) revert SignatureLength(link, signature.length);
    }

    function recoveryId(Link link, uint8 v) internal pure virtual returns (uint8) {
        if (v > 1) revert SignatureV(link, v);
        return v;
    }

    function checkLowS(Link link, uint256 s) internal pure virtual {
        if (s > HALF_N) revert SignatureHighS(link);
    }

    function checkRecovered(Link link, address recovered) internal pure virtual {
        if (recovered == address(0)) revert SignatureRejected(link);
    }

    function addressOf(bytes calldata key) internal pure returns (address) {
        return address(uint160(uint256(keccak256(key))));
    }

    function coordinates(bytes calldata key) internal pure returns (uint256 x, uint256 y) {
        return (uint256(bytes32(key[:32])), uint256(bytes32(key[32:64])));
    }

    /// @dev SEC 1's compressed form: 02 or 03 for an even or odd y, then x.
    function compressed(bytes calldata key) internal pure returns (bytes memory) {
        (uint256 x, uint256 y) = coordinates(key);
        return abi.encodePacked(uint8(2 + (y & 1)), x);
    }

    /// @dev Two lowercase hex digits a byte, no 0x.
    function hexOf(bytes memory data) internal pure virtual returns (bytes memory text) {
        bytes16 digits = "0123456789abcdef";
        text = new bytes(2 * data.length);
        for (uint256 i = 0; i < data.length; i++) {
            text[2 * i] = digits[uint8(data[i]) >> 4];
            text[2 * i + 1] = digits[uint8(data[i]) & 0x0f];
        }
    }
}
