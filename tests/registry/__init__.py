"""Models under names."""
