"""python-bitcoinlib: the arithmetic is that of the machine's OpenSSL."""

from adapter import Rejected, header, serve
from bitcoin.core.key import CPubKey


def recover(digest, r, s, recovery_id):
    key = CPubKey.recover_compact(digest, header(recovery_id) + r + s)
    if not key:
        raise Rejected(key)
    return bytes(key)


serve("python-bitcoinlib", "python-bitcoinlib", {"recover": recover})
