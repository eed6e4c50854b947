"""API tokens: made for oneself, shown once, ended at once."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import Actor, UseTenancy
from masterflow.api.shown import Shown
from masterflow.tenancy.tokens import DEFAULT_LIFETIME, LONGEST_LIFETIME


class TokenOut(Shown):
    """A token without its secret. `engagement_id` null: good for every engagement that its owner belongs to."""

    id: UUID
    user_id: UUID
    name: str
    engagement_id: UUID | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class IssuedTokenOut(Shown):
    """A new token with its secret, which is shown this once."""

    token: TokenOut
    secret: str


class TokensOut(Listed):
    """Tokens, oldest first."""

    items: list[TokenOut]


class NewToken(BaseModel):
    """A token for the caller, in this engagement."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "nightly import", "days": 90}})

    name: str = Field(max_length=200)
    days: int = Field(DEFAULT_LIFETIME.days, ge=1, le=LONGEST_LIFETIME.days)


router = APIRouter(prefix="/tokens", tags=["tokens"])


@router.get("", response_model=TokensOut, responses=problems())
async def list_tokens(actor: Actor, tenancy: UseTenancy, cursor: Cursor = None, limit: Limit = FULL_PAGE) -> TokensOut:
    """The caller's tokens in this engagement; everybody's for who manages members."""
    page = await tenancy.tokens(actor, cursor=cursor, limit=limit)
    return TokensOut(items=[TokenOut.of(token) for token in page.items], cursor=page.cursor)


@router.post("", status_code=201, response_model=IssuedTokenOut, responses=problems(422))
async def create_token(given: NewToken, actor: Actor, tenancy: UseTenancy) -> IssuedTokenOut:
    """Make a token that speaks for the caller; its secret is in this answer and nowhere else."""
    return IssuedTokenOut.of(await tenancy.create_token(actor, name=given.name, days=given.days))


@router.delete("/{token_id}", response_model=TokenOut, responses=problems(404))
async def revoke_token(token_id: UUID, actor: Actor, tenancy: UseTenancy) -> TokenOut:
    """End a token now."""
    return TokenOut.of(await tenancy.revoke_token(actor, token_id))
