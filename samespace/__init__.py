"""samespace: text and pictures in the same space."""

import os

# Read by native libraries when torch is first imported, so set before anything of ours can import it.
_NATIVE_DEFAULTS = {
    # OpenMP's threads spin while they wait: two processes that encode on the same cores then starve each
    # other (measured: 16 instead of 180 texts a second each). Sleeping threads share.
    "OMP_WAIT_POLICY": "PASSIVE",
    # oneDNN and torch keep compiled kernels for a thousand shapes each, and texts come in every length:
    # 460 MB after 200 batches, and no faster than with these few (docs/decisions/0003).
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "16",
    "LRU_CACHE_CAPACITY": "16",
}
for _name, _value in _NATIVE_DEFAULTS.items():
    os.environ.setdefault(_name, _value)
