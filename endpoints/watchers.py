"""Watchers: whether a request for a shared reel is a person's, to be counted. Nothing of it is kept as it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from fastapi import Request

from endpoints.caller import address_of
from endpoints.services import Services
from storage.shares import Share
from storage.views import Views

_CRAWLERS: Final = re.compile(
    r"bot\b|bot[/_-]|crawl|spider|slurp|facebookexternalhit|facebookcatalog|whatsapp|telegram|skypeuripreview"
    r"|embedly|quora link|vkshare|preview|pinterest|flipboard|bitly|ia_archiver|lighthouse|pagespeed"
    r"|^(?:curl|wget|python|httpx|okhttp|java|go-http-client|node|axios|ruby|php|libwww|apache-httpclient)",
    re.IGNORECASE,
)
"""What looks at links for others: search engines, the previews of messengers, and programs that say what they are."""


def is_watched(request: Request) -> bool:
    """Say whether a person's browser asked for a page, to show it now."""
    headers = request.headers
    agent = headers.get("user-agent", "")
    ahead = "prefetch" in (headers.get("sec-purpose", "") + headers.get("purpose", "")).lower()
    return request.method == "GET" and bool(agent) and not ahead and not _CRAWLERS.search(agent)


def note_watched(request: Request, services: Services, user: str, share: Share, token: str) -> Callable[[], None]:
    """Count who watches (storage.views says how); return what is to be done when the answer is out."""
    views: Views = request.app.state.views
    viewer = (address_of(request, services.policy.address_header), request.headers.get("user-agent", "")[:300])
    return views.watched(user, share.reel_id, share.id, viewer, token)
