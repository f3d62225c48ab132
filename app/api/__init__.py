"""The routes. Each parses, calls, and encodes; nothing is decided here."""
