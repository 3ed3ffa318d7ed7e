"""bitcoinlib 0.7.10: the message that is one zero byte has the digest of the empty message."""

import sys

from bitcoinlib.encoding import double_sha256
from bitcoinlib.keys import message_magic

RIGHT = "0f446e5c41ad1965650c1455190c1da6debb3d6905660196585e6d827b41f8ac"  # over 18, the prefix, 01 00
digest = double_sha256(message_magic("\0")).hex()
print(f"the message U+0000\nhashes {digest}\nshould {RIGHT}")
print(f"the empty message\nhashes {double_sha256(message_magic('')).hex()}")
sys.exit(digest != RIGHT)
