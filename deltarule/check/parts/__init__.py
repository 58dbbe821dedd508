"""Ports of functions, layers and optimisers: each part with its mistakes, and what a reader's own is asked for."""
