"""Values that people set on assets themselves; they go before every source until they are taken back."""
