"""What all tests share."""

from hypothesis import settings

# The same examples on every machine, however slow it is.
settings.register_profile("repeatable", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("repeatable")
