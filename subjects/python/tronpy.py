"""tronpy."""

from adapter import ethereum_v, serve
from tronpy.exceptions import BadSignature
from tronpy.keys import Signature


def recover(digest, r, s, recovery_id):
    return Signature(r + s + bytes([ethereum_v(recovery_id)])).recover_public_key_from_msg_hash(digest).to_bytes()


serve(
    "tronpy",
    "tronpy",
    {"recover": recover},
    rejects=(BadSignature,),
    code="libsecp256k1",
    code_version="0.6.0",  # what coincurve 21 is built with
)
