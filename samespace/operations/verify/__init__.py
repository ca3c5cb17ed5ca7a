"""Whether index, vector cache and blobs hold what the records say, and mending them where they do not."""

from samespace.operations.verify.report import Difference, Kind, Report
from samespace.operations.verify.verify import verify

__all__ = ["Difference", "Kind", "Report", "verify"]
