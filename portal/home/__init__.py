"""Home: for each role that somebody wears, what needs her first."""

from portal.home.page import home
from portal.home.visits import last_visit_ended_at

__all__ = ["home", "last_visit_ended_at"]
