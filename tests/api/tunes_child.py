"""The readers of tunes for a child process, which does not know what a fixture registered in its parent."""

from samespace.core.modalities import MODALITIES
from tests.api.tunes import TUNE, TUNE_ROW, read, read_query

__all__ = ["read", "read_query"]

MODALITIES.setdefault(TUNE, TUNE_ROW)
