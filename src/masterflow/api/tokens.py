"""API tokens: made for oneself, shown once, ended at once."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from masterflow.api.errors import problems
from masterflow.api.lists import FULL_PAGE, Cursor, Limit, Listed
from masterflow.api.parts import Actor, UseTenancy
from masterflow.api.shown import Shown
from masterflow.tenancy.roles import Operation
from masterflow.tenancy.tokens import DEFAULT_LIFETIME, LONGEST_LIFETIME
from masterflow.tenancy.types import SecretState


class TokenOut(Shown):
    """A token without its secret. `engagement_id` null: good for every engagement that its owner belongs to.

    `scopes` null: everything that its owner may do. `owner` and `made_by` are null once they left the client.
    """

    id: UUID
    user_id: UUID
    name: str
    engagement_id: UUID | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    state: SecretState
    owner: str | None
    made_by: str | None
    scopes: list[Operation] | None


class IssuedTokenOut(Shown):
    """A new token with its secret, which is shown this once."""

    token: TokenOut
    secret: str


class TokensOut(Listed):
    """Tokens, oldest first."""

    items: list[TokenOut]


class NewToken(BaseModel):
    """A token for this engagement. `scopes` narrow it to some operations; null: everything that its owner may do."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"name": "nightly import", "days": 90, "scopes": ["estate.import"]}},
    )

    name: str = Field(max_length=200)
    days: int = Field(DEFAULT_LIFETIME.days, ge=1, le=LONGEST_LIFETIME.days)
    scopes: list[Operation] | None = Field(None, min_length=1, max_length=len(Operation))


router = APIRouter(prefix="/tokens", tags=["tokens"])


@router.get("", response_model=TokensOut, responses=problems())
async def list_tokens(actor: Actor, tenancy: UseTenancy, cursor: Cursor = None, limit: Limit = FULL_PAGE) -> TokensOut:
    """The caller's tokens in this engagement; everybody's for who manages members."""
    page = await tenancy.tokens(actor, cursor=cursor, limit=limit)
    return TokensOut(items=[TokenOut.of(token) for token in page.items], cursor=page.cursor)


@router.post("", status_code=201, response_model=IssuedTokenOut, responses=problems(422))
async def create_token(given: NewToken, actor: Actor, tenancy: UseTenancy) -> IssuedTokenOut:
    """Make a token that speaks for the caller; its secret is in this answer and nowhere else."""
    issued = await tenancy.create_token(actor, name=given.name, days=given.days, scopes=given.scopes)
    return IssuedTokenOut.of(issued)


@router.delete("/{token_id}", response_model=TokenOut, responses=problems(404))
async def revoke_token(token_id: UUID, actor: Actor, tenancy: UseTenancy) -> TokenOut:
    """End a token now."""
    return TokenOut.of(await tenancy.revoke_token(actor, token_id))
