"""Models under names: added, packed, tried, resolved."""
