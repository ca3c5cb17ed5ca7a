"""Care over time: a backup and its restoring, and the step from one release to the next."""
