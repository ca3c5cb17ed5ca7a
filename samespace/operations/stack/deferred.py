"""What a supervisor could not do at once, most often because a disk is full, and does later."""

from collections.abc import Callable

Report = Callable[[str], None]


class Owed:
    """Actions that may fail, each under a name: one that fails is told once, and is due again at each `settle`."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._due: dict[str, Callable[[], object]] = {}

    def do(self, what: str, action: Callable[[], object]) -> None:
        """Do it now, or else later; a later one of that name takes its place."""
        try:
            action()
        except Exception as error:  # nothing that fails here may end who watches over the stack
            if what not in self._due:
                self._report(f"{what}: {_said(error)}; it is tried again until it can be done")
            self._due[what] = action
        else:
            self._due.pop(what, None)

    @property
    def is_due(self) -> bool:
        """Whether anything is to be tried again."""
        return bool(self._due)

    def settle(self) -> bool:
        """Try what is due once more; whether nothing is due any more."""
        for what, action in list(self._due.items()):
            self.do(what, action)
        return not self._due


def _said(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
