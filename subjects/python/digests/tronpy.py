"""tronpy: `tronpy.py` takes messages as bytes, `tronpy.py text` as str."""

import sys

from serve import serve, text

from tronpy.keys import hash_message
from tronpy.proto import calculate_txid_from_raw_data


def transfer(ref_block_bytes, ref_block_hash, expiration, owner, to, amount, timestamp, fee_limit):
    value = {"owner_address": owner.hex(), "to_address": to.hex(), "amount": int(amount)}
    parameter = {"type_url": "type.googleapis.com/protocol.TransferContract", "value": value}
    raw_data = {
        "ref_block_bytes": ref_block_bytes.hex(),
        "ref_block_hash": ref_block_hash.hex(),
        "expiration": int(expiration),
        "timestamp": int(timestamp),
        "fee_limit": int(fee_limit),
        "contract": [{"type": "TransferContract", "parameter": parameter}],
    }
    return bytes.fromhex(calculate_txid_from_raw_data(raw_data))


if sys.argv[1:] == ["text"]:
    serve("tronpy", {"tron.v2": lambda message: hash_message(text(message))}, name="tronpy-text")
else:
    serve("tronpy", {"tron.v2": hash_message, "tron.transfer": transfer})
