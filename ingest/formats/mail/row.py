"""Mail: how it is told, called and read."""

from ingest.formats.base import Format, Seen
from ingest.formats.mail.head import MAIL as MAIL_TYPE
from ingest.formats.mail.head import MAILBOX as MAILBOX_TYPE
from ingest.formats.mail.head import is_likely_box, mail_type


def is_mailbox(seen: Seen) -> bool:
    """Whether mails begin here, each after a separator."""
    return is_likely_box(seen.head) and mail_type(seen.head, seen.name) == MAILBOX_TYPE


def is_mail(seen: Seen) -> bool:
    """Whether one mail begins here."""
    return mail_type(seen.head, seen.name) == MAIL_TYPE


MAILBOX = Format(
    name="mailbox",
    media_types=(MAILBOX_TYPE,),
    suffixes=(".mbox",),
    sniff=is_mailbox,
    reader="ingest.formats.mail.read:read",
    limits=("max_characters",),
)
MAIL = Format(
    name="mail",
    media_types=(MAIL_TYPE,),
    suffixes=(".eml", ".mht", ".mhtml", ".nws"),
    sniff=is_mail,
    reader="ingest.formats.mail.read:read",
    limits=("max_characters",),
)
