"""The operator's and the power user's view over everything: to look, to search, and to act.

Facts of a registration are edited through its form and moved through `actions`; evidence cannot be
added, changed or deleted here, whatever is posted. What a person may see follows from her role.
"""

from registrations.admin import access, evidence, operating, registrations, webhooks

__all__ = ["access", "evidence", "operating", "registrations", "webhooks"]
