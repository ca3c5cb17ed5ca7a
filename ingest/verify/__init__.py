"""Whether index, vector cache and blobs hold what the records say, and mending them where they do not."""

from ingest.verify.report import Difference, Kind, Report
from ingest.verify.run import Stores
from ingest.verify.verify import verify

__all__ = ["Difference", "Kind", "Report", "Stores", "verify"]
