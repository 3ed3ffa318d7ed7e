"""The registry on a node, as web3.py asks it."""

import json
import sys
from pathlib import Path

from eth_abi import decode
from eth_account import Account
from eth_utils import keccak, to_checksum_address
from eth_utils.abi import abi_to_signature
from web3 import Web3
from web3.exceptions import ContractCustomError

ARTIFACT = Path(__file__).parents[2] / "src/dstack/registry/artifact.json"
ABI = json.loads(ARTIFACT.read_text())["abi"]
PARTS = ("app_id", "purpose", "app_key", "derived_key", "claim_signature", "issued_signature")

# The first account of a development node: everybody has its key.
Account.enable_unaudited_hdwallet_features()
ACCOUNT = Account.from_mnemonic("test test test test test test test test test test test junk")


class Registry:
    def __init__(self, url, address):
        self.node = Web3(Web3.HTTPProvider(url, request_kwargs={"timeout": 10}))
        self.contract = self.node.eth.contract(address=to_checksum_address(address), abi=ABI)

    def call(self, proof):
        return self.contract.functions.registerInstanceWithProof(tuple(bytes.fromhex(proof[part][2:]) for part in PARTS))

    def register(self, proof):
        """Sends the proof as a transaction. The gas is given, so that one that reverts is mined too."""
        nonce = self.node.eth.get_transaction_count(ACCOUNT.address)
        transaction = self.call(proof).build_transaction({"from": ACCOUNT.address, "nonce": nonce, "gas": 1_000_000})
        digest = self.node.eth.send_raw_transaction(ACCOUNT.sign_transaction(transaction).raw_transaction)
        return self.node.eth.wait_for_transaction_receipt(digest, timeout=20, poll_latency=0.02)

    def refusal(self, proof):
        """The name and the arguments of the custom error by which the registry refuses a proof; None if it does not."""
        try:
            self.call(proof).call({"from": ACCOUNT.address})
            return None
        except ContractCustomError as error:
            data = bytes.fromhex(str(error.data).removeprefix("0x"))
        for entry in (entry for entry in ABI if entry["type"] == "error"):
            if keccak(text=abi_to_signature(entry))[:4] == data[:4]:
                types = [part["type"] for part in entry["inputs"]]
                values = decode(types, data[4:])
                shown = (to_checksum_address(v) if t == "address" else str(v) for t, v in zip(types, values))
                return entry["name"], f"{entry['name']}({', '.join(shown)})"
        return "unknown", f"unknown data 0x{data.hex()}"

    def storage(self):
        """A hash of all that the contract has stored."""
        return self.node.eth.get_proof(self.contract.address, [], "latest")["storageHash"]


def main(run):
    """Ends the program with a line, whatever went wrong."""
    try:
        run(*sys.argv[1:])
    except Exception as error:
        sys.exit(f"error: {error}")
