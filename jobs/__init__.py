"""The work: what the product does to footage, given tools; and the contracts of those tools."""
