"""Finding assets: the filters, the orders and the facets of the inventory."""
