"""Weights out of a run: read from a file, and held against the listing, its starts and its mistakes."""
