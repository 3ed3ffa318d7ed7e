"""eth-account 0.14.0: typed data is hashed with a domain type of its own, whatever types.EIP712Domain says."""

import sys

from eth_account.messages import _hash_eip191_message, encode_typed_data

DOMAIN = [{"name": "chainId", "type": "uint256"}, {"name": "name", "type": "string"}]
RIGHT = "fd1265ff93e844da152df5395f51deb9011c05422b51f2d8b11040780f07fa90"  # MetaMask and viem
full_message = {
    "types": {"EIP712Domain": DOMAIN, "Order": [{"name": "id", "type": "uint8"}]},
    "primaryType": "Order",
    "domain": {"name": "d", "chainId": 1},
    "message": {"id": 7},
}
digest = _hash_eip191_message(encode_typed_data(full_message=full_message)).hex()
print(f"EIP712Domain(uint256 chainId,string name)\nhashes {digest}\nshould {RIGHT}")
sys.exit(digest != RIGHT)
