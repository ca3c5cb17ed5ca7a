"""The web page: files that the API serves as they are."""
