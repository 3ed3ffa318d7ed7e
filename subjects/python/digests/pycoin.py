"""pycoin, whose messages are str."""

from serve import serve, text

from pycoin.networks.registry import network_for_netcode


def message_of(netcode):
    network = network_for_netcode(netcode)
    return lambda message: network.msg.hash_for_signing(text(message)).to_bytes(32, "big")


netcodes = {"bitcoin": "BTC", "litecoin": "LTC", "dogecoin": "DOGE"}
serve("pycoin", {f"{coin}.signed-message": message_of(netcode) for coin, netcode in netcodes.items()})
