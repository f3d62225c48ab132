"""Requests and responses, as pydantic models: what the service takes and what it promises."""
