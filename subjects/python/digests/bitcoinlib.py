"""bitcoinlib: `bitcoinlib.py` takes messages as str, `bitcoinlib.py network-name` with the network's name in place of its object."""

import sys

from serve import serve, text

from bitcoinlib.encoding import double_sha256
from bitcoinlib.keys import message_magic
from bitcoinlib.networks import Network

named = sys.argv[1:] == ["network-name"]


def message_of(coin):
    network = coin if named else Network(coin)
    return lambda message: double_sha256(message_magic(text(message), network))


formats = {f"{coin}.signed-message": message_of(coin) for coin in ("bitcoin", "litecoin", "dogecoin")}
serve("bitcoinlib", formats, name="bitcoinlib-network-name" if named else "bitcoinlib")
