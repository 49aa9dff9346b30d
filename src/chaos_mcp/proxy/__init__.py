"""A server of Toxiproxy's API in pure Python: network faults on a fresh machine."""
