"""ethereum, also called pyethereum: its precompile."""

from adapter import serve
from ethereum.specials import proc_ecrecover
from ethereum.vm import Message

CALLER = b"\x11" * 20
ECRECOVER = bytes(19) + b"\x01"


def call(calldata, gas):
    success, gas_left, output = proc_ecrecover(None, Message(CALLER, ECRECOVER, gas=gas, data=calldata))
    return bytes(output), bool(success), gas - gas_left


serve(
    "pyethereum",
    "ethereum",
    {"call": call},
    code="libsecp256k1",
    code_version="0.6.0",  # what coincurve 21 is built with
)
