"""The flow types: one folder each, found by `catalog`; no folder imports another."""
