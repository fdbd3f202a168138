"""Telling people by mail what they would else have to look for.

What is news follows from the trail, not from whoever wrote it: nobody has to remember to tell.
Every mail is first a row (`Notice`), and is sent by a worker; a mail server that is down delays it.
"""

from registrations.notices.choosing import write_digests, write_down_news
from registrations.notices.sending import due_letters, send_letter

__all__ = ["due_letters", "send_letter", "write_digests", "write_down_news"]
