"""safe-eth-py: a Safe's transaction, and its own code for typed data."""

from typed_data import typed_data_formats  # first: see serve.py
from serve import serve

from eth_utils import to_checksum_address
from safe_eth.eth.eip712 import eip712_encode_hash
from safe_eth.safe.safe_tx import SafeTx


def safe_transaction(
    chain_id,
    safe,
    to,
    value,
    data,
    operation,
    safe_tx_gas,
    base_gas,
    gas_price,
    gas_token,
    refund_receiver,
    nonce,
):
    return SafeTx(
        ethereum_client=None,
        safe_address=to_checksum_address(safe),
        to=to_checksum_address(to),
        value=int(value),
        data=data,
        operation=int(operation),
        safe_tx_gas=int(safe_tx_gas),
        base_gas=int(base_gas),
        gas_price=int(gas_price),
        gas_token=to_checksum_address(gas_token),
        refund_receiver=to_checksum_address(refund_receiver),
        safe_nonce=int(nonce),
        safe_version="1.3.0",
        chain_id=int(chain_id),
    ).safe_tx_hash


serve("safe-eth-py", {"safe.transaction": safe_transaction, **typed_data_formats(eip712_encode_hash)})
