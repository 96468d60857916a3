"""Webhooks as an administrator keeps them: list, add, remove. A secret is shown once, when it is made."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from teisen.languages import text
from teisen.server.access import allowed
from teisen.server.api.rows import problems
from teisen.server.problems import Refusal
from teisen.server.webhooks.hooks import MOST_HOOKS
from teisen.server.webhooks.sending import Webhooks

router = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"], responses=problems(401, 403, 413, 421, 422, 429, 503))
Id = Annotated[str, Path(pattern=r"^hook-[0-9a-f]{12}$")]


class NewHook(BaseModel):
    """Whom to tell."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(min_length=1, max_length=2_000, description="A public https address.")
    label: str = Field(default="", max_length=200, description="What it is for.")


class HookShown(BaseModel):
    """One who is told; ``last`` says how the last attempt ended."""

    id: str
    url: str
    label: str
    active: bool
    failures: int
    last: str


class HookMade(HookShown):
    """A new one, with its secret, which is not shown again."""

    secret: str


class HooksShown(BaseModel):
    """Everyone who is told."""

    items: list[HookShown]


def webhooks(request: Request) -> Webhooks:
    """The webhooks of the app."""
    found: Webhooks = request.app.state.webhooks
    return found


@router.get("", dependencies=[allowed("manage-webhooks")])
def listed(request: Request) -> HooksShown:
    """Everyone who is told, without secrets."""
    hooks = webhooks(request).hooks.all()
    return HooksShown(items=[HookShown.model_validate(vars(one), extra="ignore") for one in hooks])


@router.post("", status_code=201, dependencies=[allowed("manage-webhooks")], responses=problems(409))
async def add(request: Request, new: NewHook) -> HookMade:
    """Have somebody told of every new state."""
    sender = webhooks(request)
    if len(sender.hooks.all()) >= MOST_HOOKS:
        raise Refusal(409, text("There are {n} webhooks already. Remove one first.").format(n=MOST_HOOKS))
    await run_in_threadpool(sender.check, new.url)
    hook = await run_in_threadpool(sender.hooks.add, new.url, new.label)
    return HookMade.model_validate(vars(hook))


@router.delete("/{hook_id}", status_code=204, dependencies=[allowed("manage-webhooks")], responses=problems(404))
def remove(request: Request, hook_id: Id) -> Response:
    """Tell somebody no more."""
    if not webhooks(request).hooks.remove(hook_id):
        raise Refusal(404, text("There is no such webhook."))
    return Response(status_code=204)
