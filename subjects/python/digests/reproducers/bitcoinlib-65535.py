"""bitcoinlib 0.7.10: the length 65535 is written in five bytes where three hold it."""

import hashlib
import sys

from bitcoinlib.encoding import double_sha256
from bitcoinlib.keys import message_magic

message = "x" * 65535
written = b"\x18Bitcoin Signed Message:\n" + b"\xfd\xff\xff" + message.encode()
right = hashlib.sha256(hashlib.sha256(written).digest()).hexdigest()
digest = double_sha256(message_magic(message)).hex()
print(f"65535 times x\nhashes {digest}\nshould {right}")
sys.exit(digest != right)
