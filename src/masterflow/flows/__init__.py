"""The flow types, one folder each."""
