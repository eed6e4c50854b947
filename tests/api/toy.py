"""A flow type of three lines for tests: adds two numbers and asks whether the sum is right."""

from pydantic import BaseModel, Field

from masterflow.errors import EditRejected, InputMissing, MissingInput, PhaseFailed
from masterflow.spec import Column, EditableTable, FlowType, Gate, Phase, PhaseContext, Problem, Row


class Config(BaseModel):
    """Two numbers; a negative one fails, a missing one is asked for."""

    left: int = 1
    right: int | None = 2


class Sum(BaseModel):
    """What was added."""

    total: int = Field(le=1000)


class Doubled(BaseModel):
    """Twice the sum."""

    doubled: int


async def add(ctx: PhaseContext, given: Config) -> Sum:
    """Add."""
    if given.left < 0:
        raise PhaseFailed("The left number is negative.", hint="Create the flow anew.")
    if given.right is None:
        raise InputMissing([MissingInput("right", "without it there is no sum")])
    return Sum(total=given.left + given.right)


async def double(ctx: PhaseContext, given: Sum) -> Doubled:
    """Double."""
    return Doubled(doubled=2 * given.total)


def no_thirteen(output: Sum) -> list[Problem]:
    """Thirteen is never right."""
    return [Problem("thirteen", "The total is 13.", "total")] if output.total == 13 else []


def rows(output: Sum) -> list[Row]:
    """One row."""
    return [{"name": "sum", "total": output.total}]


def apply(output: Sum, edited: list[Row]) -> Sum:
    """The edited row."""
    total = edited[0]["total"]
    if not isinstance(total, int | float):
        raise EditRejected([f"Row 2, column Total: {total!r} is not a number."])
    return Sum(total=int(total))


TOY = FlowType(
    name="toy",
    title="Toy",
    summary="Adds two numbers.",
    config=Config,
    phases=(
        Phase(
            name="add",
            title="Add two numbers",
            takes=Config,
            gives=Sum,
            run=add,
            checks=[no_thirteen],
            gate=Gate(
                asks="Is the sum right?",
                table=EditableTable(
                    title="Sum",
                    key="name",
                    columns=(Column("name", "Name"), Column("total", "Total", editable=True)),
                    rows=rows,
                    apply=apply,
                ),
            ),
        ),
        Phase(name="double", title="Double the sum", takes=Sum, gives=Doubled, run=double),
    ),
)
