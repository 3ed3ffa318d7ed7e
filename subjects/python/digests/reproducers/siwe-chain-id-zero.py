"""siwe 4.4.0 (PyPI): a sign-in for chain id 0 says Chain ID: 1. Its packages: ../siwe.requirements.txt."""

import sys

from siwe import SiweMessage

message = SiweMessage(
    domain="example.com",
    address="0x9D85ca56217D2bb651b00f15e694EB7E713637D4",
    uri="https://example.com",
    version="1",
    chain_id=0,
    nonce="12345678",
    issued_at="2022-01-27T17:09:38.578Z",
).prepare_message()
line = next(line for line in message.split("\n") if line.startswith("Chain ID"))
print(f"chain id 0\nhashes {line}\nshould Chain ID: 0")
sys.exit(line != "Chain ID: 0")
