"""What a person does on the page, as steps of tests."""

from playwright.sync_api import Page


def ask(page: Page, words: str) -> None:
    """Type a query and send it."""
    box = page.get_by_role("searchbox")
    box.fill(words)
    box.press("Enter")
