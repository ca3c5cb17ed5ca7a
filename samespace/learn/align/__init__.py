"""Contrastive alignment of a picture tower to a locked text tower."""
