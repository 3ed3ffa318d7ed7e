"""eth-account: `eth-account.py` takes messages as bytes, `eth-account.py text` as str."""

import sys

from typed_data import typed_data_formats  # first: see serve.py
from serve import Unsupported, serve, text

import rlp
from eth_account._utils.legacy_transactions import serializable_unsigned_transaction_from_dict
from eth_account.messages import SignableMessage, _hash_eip191_message, encode_defunct, encode_typed_data
from eth_account.typed_transactions.set_code_transaction import Authorization
from eth_utils import to_checksum_address


def personal(message):
    return _hash_eip191_message(encode_defunct(primitive=message))


def personal_text(message):
    return _hash_eip191_message(encode_defunct(text=text(message)))


def hashes(domain_separator, struct_hash):
    return _hash_eip191_message(SignableMessage(b"\x01", domain_separator, struct_hash))


def typed_data(full_message):
    return _hash_eip191_message(encode_typed_data(full_message=full_message))


def transaction(type):
    def digest(nonce, gas, to, value, data, chain_id, **more):
        fields = {
            "nonce": int(nonce),
            "gas": int(gas),
            "to": to_checksum_address(to) if to else b"",
            "value": int(value),
            "data": data,
            "chainId": int(chain_id),
        }
        for name, field in more.items():
            fields[NAMES[name]] = LISTS[name](field) if name in LISTS else int(field)
        if type:
            fields["type"] = type
        return serializable_unsigned_transaction_from_dict(fields).hash()

    return digest


NAMES = {
    "gas_price": "gasPrice",
    "max_priority_fee_per_gas": "maxPriorityFeePerGas",
    "max_fee_per_gas": "maxFeePerGas",
    "max_fee_per_blob_gas": "maxFeePerBlobGas",
    "access_list": "accessList",
    "blob_versioned_hashes": "blobVersionedHashes",
    "authorization_list": "authorizationList",
}


def entries(field, is_entry):
    try:
        items = rlp.decode(field)
        if isinstance(items, list) and all(map(is_entry, items)):
            return items
    except rlp.exceptions.DecodingError:
        pass
    raise Unsupported("the interface takes a list, and these bytes are not its RLP")


def is_access(entry):
    return isinstance(entry, list) and list(map(type, entry)) == [bytes, list] and set(map(type, entry[1])) <= {bytes}


def is_authorization(entry):
    return isinstance(entry, list) and list(map(type, entry)) == [bytes] * 6 and not any(
        number.startswith(b"\0") for i, number in enumerate(entry) if i != 1
    )


def access_list(field):
    shown = [(hex_(address), list(map(hex_, keys))) for address, keys in entries(field, is_access)]
    return [{"address": address, "storageKeys": keys} for address, keys in shown]


def authorization_list(field):
    names = ("chainId", "address", "nonce", "yParity", "r", "s")
    return [
        {name: hex_(item) if name == "address" else int.from_bytes(item, "big") for name, item in zip(names, entry)}
        for entry in entries(field, is_authorization)
    ]


def hex_(item):
    return "0x" + item.hex()


LISTS = {
    "access_list": access_list,
    "blob_versioned_hashes": lambda field: entries(field, lambda entry: isinstance(entry, bytes)),
    "authorization_list": authorization_list,
}


def authorization(chain_id, delegate, nonce):
    return Authorization(int(chain_id), delegate, int(nonce)).hash()


if sys.argv[1:] == ["text"]:
    serve("eth-account", {"eip191.personal-sign": personal_text}, name="eth-account-text")
else:
    formats = {
        "eip191.personal-sign": personal,
        "safe.eth-sign": lambda safe_tx_hash: personal(safe_tx_hash),
        "eip712.typed-data": hashes,
        **typed_data_formats(typed_data),
        "eip155.transaction": transaction(None),
        "eip2930.transaction": transaction(1),
        "eip1559.transaction": transaction(2),
        "eip4844.transaction": transaction(3),
        "eip7702.transaction": transaction(4),
        "eip7702.authorization": authorization,
    }
    serve("eth-account", formats, rejects=TypeError)  # what it raises for the fields of a transaction
