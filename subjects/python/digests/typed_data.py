"""Known formats that are EIP-712, as the dictionaries that libraries take for typed data."""

import json

from serve import text


def members(text):
    return [dict(zip(("type", "name"), member.split())) for member in text.split(", ")]


CHAIN = members("uint256 chainId, address verifyingContract")
NAMED = members("string name, uint256 chainId, address verifyingContract")
VERSIONED = members("string name, string version, uint256 chainId, address verifyingContract")
PERMIT = members("address owner, address spender, uint256 value, uint256 nonce, uint256 deadline")
PERMIT_SINGLE = members("PermitDetails details, address spender, uint256 sigDeadline")
PERMIT_DETAILS = members("address token, uint160 amount, uint48 expiration, uint48 nonce")


def typed_data_formats(digest):
    """The formats for a library that hashes typed data."""

    def permit(token_name, token_version, chain_id, token, owner, spender, value, nonce, deadline):
        return digest(
            {
                "types": {"EIP712Domain": VERSIONED, "Permit": PERMIT},
                "primaryType": "Permit",
                "domain": {
                    "name": text(token_name),
                    "version": text(token_version),
                    "chainId": int(chain_id),
                    "verifyingContract": address(token),
                },
                "message": {
                    "owner": address(owner),
                    "spender": address(spender),
                    "value": int(value),
                    "nonce": int(nonce),
                    "deadline": int(deadline),
                },
            }
        )

    def permit_single(chain_id, permit2, token, amount, expiration, nonce, spender, sig_deadline):
        return digest(
            {
                "types": {"EIP712Domain": NAMED, "PermitSingle": PERMIT_SINGLE, "PermitDetails": PERMIT_DETAILS},
                "primaryType": "PermitSingle",
                "domain": {"name": "Permit2", "chainId": int(chain_id), "verifyingContract": address(permit2)},
                "message": {
                    "details": {
                        "token": address(token),
                        "amount": int(amount),
                        "expiration": int(expiration),
                        "nonce": int(nonce),
                    },
                    "spender": address(spender),
                    "sigDeadline": int(sig_deadline),
                },
            }
        )

    return {
        "eip712.typed-data-json": lambda json: digest(parsed(json)),
        "erc2612.permit": permit,
        "permit2.permit-single": permit_single,
    }


def parsed(field):
    return json.loads(text(field))


def address(field):
    return "0x" + field.hex()
