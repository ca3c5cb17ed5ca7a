"""Tests of backup, restoring and upgrades."""
