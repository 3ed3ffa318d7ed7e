"""py-evm: its precompile, with the native backend of eth-keys."""

import os
from importlib import metadata

from adapter import serve

os.environ["ECC_BACKEND_CLASS"] = "eth_keys.backends.NativeECCBackend"
from eth.vm.forks.istanbul.computation import IstanbulComputation
from eth.vm.message import Message
from eth.vm.transaction_context import BaseTransactionContext

CALLER = b"\x11" * 20
ECRECOVER = bytes(19) + b"\x01"


def call(calldata, gas):
    message = Message(gas=gas, to=ECRECOVER, sender=CALLER, value=0, data=calldata, code=b"", is_static=True)
    context = BaseTransactionContext(gas_price=1, origin=CALLER)
    computation = IstanbulComputation.apply_computation(None, message, context)
    return computation.output, computation.is_success, computation.get_gas_used()


serve("py-evm", "py-evm", {"call": call}, code="eth-keys", code_version=metadata.version("eth-keys"))
