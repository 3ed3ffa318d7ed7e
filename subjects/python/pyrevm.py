"""pyrevm: revm's precompile."""

from adapter import serve
from pyrevm import EVM

CALLER = "0x" + "11" * 20
ECRECOVER = "0x" + "00" * 19 + "01"


def call(calldata, gas):
    # A call is a transaction here, which costs this much before it calls.
    before = 21000 + sum(16 if byte else 4 for byte in calldata)
    evm = EVM()
    try:
        returndata = evm.message_call(CALLER, ECRECOVER, calldata=calldata, gas=before + gas)
    except RuntimeError:
        returndata = b""
    return returndata, evm.result.is_success, evm.result.gas_used - before


serve("pyrevm", "pyrevm", {"call": call}, code="revm", code_version="8.0.0")
