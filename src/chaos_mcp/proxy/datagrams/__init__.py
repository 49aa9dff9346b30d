"""Proxies of UDP: a session for each client, and toxics that are for datagrams."""
