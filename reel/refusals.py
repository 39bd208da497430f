"""The refusals: what a person may not do, or not yet, however well the request is written.

Refused                            details say what would help
├── WrongOrigin                    another site asks in the person's name
├── LinkUnusable                   a link or code that is wrong, used or too old
├── AccountNotEmpty                signing in elsewhere would leave things behind
├── QuotaExceeded                  no room for more
├── TooManyRequests                too much at once; details.retry_after_s
├── StepClosed                     the project is not so far; details.clips
├── ShareClosed                    a share link that was revoked or has expired
└── ExportsPaused                  the operator paused exports
"""

from __future__ import annotations

from reel.errors import ReelError


class Refused(ReelError):
    """This is not allowed."""

    code = "refused"


class WrongOrigin(Refused):
    """Another site asked for this."""

    code = "wrong_origin"


class LinkUnusable(Refused):
    """This link or code is wrong, was used already, or is too old. Ask for a new one."""

    code = "link_unusable"


class AccountNotEmpty(Refused):
    """There are games on this device that signing in would leave behind."""

    code = "account_not_empty"


class QuotaExceeded(Refused):
    """There is no room for more."""

    code = "quota_exceeded"


class TooManyRequests(Refused):
    """Too much at once. Wait a moment."""

    code = "too_many_requests"


class StepClosed(Refused):
    """The project is not so far yet."""

    code = "step_closed"


class ShareClosed(Refused):
    """This link is no longer open."""

    code = "share_closed"


class ExportsPaused(Refused):
    """Exports are paused for the moment. Nothing is lost: try again later."""

    code = "exports_paused"
