"""samespace: text and pictures in the same space."""

import os

# OpenMP's threads spin while they wait. Two processes that encode on the same cores then starve each other
# (measured: 16 instead of 180 texts a second each); sleeping threads share. Read when torch is first imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
