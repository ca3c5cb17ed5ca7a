"""Plain text and Markdown, in any encoding."""
