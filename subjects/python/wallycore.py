"""wallycore, the Python package of libwally-core."""

from adapter import header, serve
from wallycore import ec_sig_to_public_key


def recover(digest, r, s, recovery_id):
    return bytes(ec_sig_to_public_key(digest, header(recovery_id) + r + s))


serve("wallycore", "wallycore", {"recover": recover})
