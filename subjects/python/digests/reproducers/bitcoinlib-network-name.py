"""bitcoinlib 0.7.10: a network's name, which the documentation of message_magic allows, is taken for Bitcoin."""

import sys

from bitcoinlib.encoding import double_sha256
from bitcoinlib.keys import message_magic
from bitcoinlib.networks import Network

RIGHT = "51bd869e89676860cf1d778b8735f5e6768da32023d3dcd951711bd21c669d4c"
digest = double_sha256(message_magic("hello", "litecoin")).hex()
print(f"hello, network 'litecoin'\nhashes {digest}\nshould {RIGHT}")
print(f"hello, Network('litecoin')\nhashes {double_sha256(message_magic('hello', Network('litecoin'))).hex()}")
sys.exit(digest != RIGHT)
