"""Pure functions on the estate: no store, no network, no model; the same input gives the same answer."""
