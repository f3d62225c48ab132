"""The store's schema as a chain of revisions, which Alembic applies."""

HEAD = "0001"
"""The newest revision: what this version of the service reads and writes."""
