"""Which files are taken in: a row for each format, beside what reads it."""
