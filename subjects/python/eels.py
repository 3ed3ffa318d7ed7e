"""ethereum-execution, Ethereum's executable specification: its function, or its precompile, as the argument says."""

import sys
from types import SimpleNamespace

from adapter import number, serve
from ethereum.crypto.elliptic_curve import secp256k1_recover
from ethereum.exceptions import InvalidSignatureError
from ethereum.forks.osaka.state import State, TransientStorage
from ethereum.forks.osaka.vm import Message
from ethereum.forks.osaka.vm.interpreter import process_message
from ethereum.forks.osaka.vm.precompiled_contracts import ECRECOVER_ADDRESS
from ethereum_types.numeric import U256, Uint


def recover(digest, r, s, recovery_id):
    return secp256k1_recover(U256(number(r)), U256(number(s)), U256(recovery_id), digest)


def call(calldata, gas):
    message = Message(
        block_env=SimpleNamespace(state=State()),
        tx_env=SimpleNamespace(transient_storage=TransientStorage()),
        caller=ECRECOVER_ADDRESS,
        target=ECRECOVER_ADDRESS,
        current_target=ECRECOVER_ADDRESS,
        gas=Uint(gas),
        value=U256(0),
        data=calldata,
        code_address=ECRECOVER_ADDRESS,
        code=b"",
        depth=Uint(0),
        should_transfer_value=False,
        is_static=True,
        accessed_addresses=set(),
        accessed_storage_keys=set(),
        disable_precompiles=False,
        parent_evm=None,
    )
    evm = process_message(message)
    return bytes(evm.output), evm.error is None, gas - int(evm.gas_left)


OPERATIONS = {"function": {"recover": recover}, "precompile": {"call": call}}
serve(
    f"eels-{sys.argv[1]}",
    "ethereum-execution",
    OPERATIONS[sys.argv[1]],
    rejects=(InvalidSignatureError,),
    code="libsecp256k1",
    code_version="0.4.1",  # what coincurve 20 is built with
)
