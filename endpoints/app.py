"""The API as an app: every resource's routes behind one front."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from endpoints import (
    account,
    account_export,
    athletes,
    clip_list,
    clips,
    demo,
    edits,
    estimates,
    exports,
    games,
    handouts,
    health,
    jobs,
    media,
    previews,
    projects,
    reel_files,
    reels,
    segments,
    session,
    share_page,
    shares,
    sources,
    trims,
    uploads,
)
from endpoints.errors import EVERYWHERE, errors, install
from endpoints.front import Front
from endpoints.limiting import Limiter
from endpoints.services import Services
from storage.views import Views

ROUTERS: Final = (
    health.router,
    games.router,
    demo.router,
    trims.router,
    sources.router,
    uploads.router,
    clips.router,
    clip_list.router,
    handouts.router,
    media.router,
    projects.router,
    edits.router,
    estimates.router,
    exports.router,
    previews.router,
    jobs.router,
    segments.router,
    reels.router,
    reel_files.router,
    session.router,
    account.router,
    account_export.router,
    athletes.router,
    shares.router,
    share_page.router,
)


def create_api(services: Services) -> ASGIApp:
    """Return the API: what a home serves."""
    return Front(routes(services), services.policy)


def routes(services: Services) -> FastAPI:
    """Return the API without its front; its `openapi()` is what the editor's client is made from."""
    api = FastAPI(
        title="Reel Ballers",
        version=services.version,
        summary="From a filmed game to a player's highlight reel.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=errors(*EVERYWHERE),
        redirect_slashes=False,
    )
    api.state.services, api.state.limiter = services, Limiter(services.policy.rates)
    api.state.views = Views(services.objects, services.clock)
    install(api)
    for router in ROUTERS:
        api.include_router(router)
    return api
