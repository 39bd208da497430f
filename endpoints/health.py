"""Health: whether the API answers, and which one it is."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request

from endpoints.models import Shown

router = APIRouter(tags=["health"])


class Health(Shown):
    """That it answers at all."""

    status: Literal["ok"] = "ok"


class Version(Shown):
    """Which release this is, and where it runs."""

    version: str
    home: Literal["local", "cloud"]
    shows_money: bool


@router.get("/api/health", summary="Is it there?")
async def health() -> Health:
    """Answer, without asking the store."""
    return Health()


@router.get("/api/version", summary="Which release is it?")
async def version(request: Request) -> Version:
    """Return the release, so that an open editor notices a new one."""
    services = request.app.state.services
    return Version(version=services.version, home=services.policy.home, shows_money=services.policy.shows_money)
