"""The recommendation for one application: strategy, reasons, runners-up, and what would change it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from masterflow.analysis.six_r.changes import Change, changes
from masterflow.analysis.six_r.criteria import DEFAULT_WEIGHTS, Criterion, pull
from masterflow.analysis.six_r.facts import Facts, FactValue, completeness, missing_facts
from masterflow.analysis.six_r.gates import Obstacle
from masterflow.analysis.six_r.ranking import best, closeness, stability
from masterflow.analysis.six_r.situation import Cover, Leaving, Situation
from masterflow.analysis.six_r.strategies import MOVES, Strategy
from masterflow.analysis.six_r.verdict import TIE_ORDER, Verdict, decide
from masterflow.analysis.six_r.wordings import Residency

VIABLE_SHARE = 0.8  # of the best score; below it a strategy is not recommended
CLEAR_MARGIN = 0.15  # a lead in score beyond which more lead says no more
MOST_QUESTIONS = 5


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence and the facts that it rests on; taking one of them away changes score or confidence."""

    sentence: str
    facts: Mapping[str, FactValue]


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """A strategy that would work as well, with what speaks for it and against it."""

    strategy: Strategy
    score: float
    closeness: float
    reasons: tuple[Reason, ...]
    against: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class NotRecommended:
    """A strategy that is excluded, or that falls far behind."""

    strategy: Strategy
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """What to do with an application, and how sure that is.

    `score` (0 to 1) is the weighted sum, `closeness` the TOPSIS cross-check, `stability` the share of weightings, each
    weight up or down by a fifth, under which the strategy stays first. `confidence` (0 to 1) falls with what is not
    known, with a narrow lead and with unstable ranks. `conditions` must hold, `questions` are for people.
    """

    strategy: Strategy
    confidence: float
    score: float
    closeness: float
    stability: float
    data_completeness: float
    reasons: tuple[Reason, ...]
    against: tuple[Reason, ...]
    conditions: tuple[str, ...]
    questions: tuple[str, ...]
    runner_ups: tuple[RunnerUp, ...]
    not_recommended: tuple[NotRecommended, ...]
    what_would_change: tuple[Change, ...]


def recommend(facts: Facts, *, at: date, weights: Mapping[Criterion, float] = DEFAULT_WEIGHTS) -> Recommendation:
    """What to do with an application whose facts are given, on the day `at`.

    Every entry of `what_would_change` was tried: deciding again with its facts gives the verdict it names.
    """
    verdict = decide(facts, at=at, weights=weights)
    ranked = verdict.ranked()
    close = closeness(verdict.eligible, weights)
    steady = stability(verdict.eligible, weights, order=TIE_ORDER)
    complete = completeness(facts)
    viable = [s for s in ranked[1:] if verdict.scores[s] >= VIABLE_SHARE * verdict.scores[verdict.strategy]]
    return Recommendation(
        strategy=verdict.strategy,
        confidence=_confidence(
            verdict, complete=complete, steady=steady, agreed=best(close, TIE_ORDER) is verdict.strategy
        ),
        score=round(verdict.scores[verdict.strategy], 4),
        closeness=round(close[verdict.strategy], 4),
        stability=round(steady, 4),
        data_completeness=round(complete, 4),
        reasons=_reasons_to_choose(verdict, weights),
        against=_reasons(verdict, verdict.strategy, weights=weights, sign=-1),
        conditions=_conditions(verdict),
        questions=_questions(verdict),
        runner_ups=tuple(_runner_up(verdict, s, close=close[s], weights=weights) for s in viable),
        not_recommended=_not_recommended(verdict, viable, weights=weights),
        what_would_change=tuple(changes(verdict, at=at, weights=weights)),
    )


def _confidence(verdict: Verdict, *, complete: float, steady: float, agreed: bool) -> float:
    ranked = verdict.ranked()
    lead = verdict.scores[ranked[0]] - verdict.scores[ranked[1]] if len(ranked) > 1 else CLEAR_MARGIN
    clear = min(1.0, lead / CLEAR_MARGIN)
    return round((0.25 + 0.75 * complete) * (0.5 + 0.25 * clear + 0.15 * steady + 0.10 * agreed), 4)


def _reasons_to_choose(verdict: Verdict, weights: Mapping[Criterion, float]) -> tuple[Reason, ...]:
    """What speaks for the strategy; for staying, also what excludes the moves."""
    staying = [_of_obstacle(o) for o in verdict.obstacles if o.keeps_it and verdict.strategy is Strategy.RETAIN]
    proof = [
        _of_obstacle(o)
        for o in verdict.obstacles
        if verdict.strategy is Strategy.RETIRE and o.excludes == MOVES and not o.keeps_it
    ]
    told = [*proof, *staying]
    speaking = [r for r in _reasons(verdict, verdict.strategy, weights=weights, sign=1) if not _already_told(r, told)]
    return (*told, *speaking) or (_of_elimination(verdict),)


def _already_told(reason: Reason, told: list[Reason]) -> bool:
    return any(reason.facts.items() <= t.facts.items() for t in told)


def _of_elimination(verdict: Verdict) -> Reason:
    facts = {n: v for o in verdict.obstacles for n, v in o.facts.items()}
    return Reason("Nothing known speaks for more than this, and the alternatives are excluded or rate lower.", facts)


def _reasons(
    verdict: Verdict, strategy: Strategy, *, weights: Mapping[Criterion, float], sign: int
) -> tuple[Reason, ...]:
    pulls = [(sign * pull(e, strategy, weights=weights), e) for e in verdict.effects]
    speaking = sorted((p for p in pulls if p[0] > 0), key=lambda p: -p[0])
    return tuple(Reason(e.sentence, e.facts) for _, e in speaking)


def _of_obstacle(obstacle: Obstacle) -> Reason:
    return Reason(obstacle.sentence, obstacle.facts)


def _runner_up(verdict: Verdict, strategy: Strategy, *, close: float, weights: Mapping[Criterion, float]) -> RunnerUp:
    return RunnerUp(
        strategy=strategy,
        score=round(verdict.scores[strategy], 4),
        closeness=round(close, 4),
        reasons=_reasons(verdict, strategy, weights=weights, sign=1),
        against=_reasons(verdict, strategy, weights=weights, sign=-1),
    )


def _not_recommended(
    verdict: Verdict, viable: list[Strategy], *, weights: Mapping[Criterion, float]
) -> tuple[NotRecommended, ...]:
    left = [s for s in Strategy if s is not verdict.strategy and s not in viable]
    return tuple(NotRecommended(s, _why_not(verdict, s, weights=weights)) for s in left)


def _why_not(verdict: Verdict, strategy: Strategy, *, weights: Mapping[Criterion, float]) -> tuple[Reason, ...]:
    excluding = tuple(_of_obstacle(o) for o in verdict.obstacles if strategy in o.excludes)
    if excluding:
        return excluding
    scores = f"It scores {verdict.scores[strategy]:.2f} against {verdict.scores[verdict.strategy]:.2f}."
    return (Reason(scores, {}), *_reasons(verdict, strategy, weights=weights, sign=-1))


def _conditions(verdict: Verdict) -> tuple[str, ...]:
    s, chosen = verdict.situation, verdict.strategy
    asked = {
        "The operating system is upgraded in the same move.": chosen is Strategy.REPLATFORM
        and s.cover in {Cover.UNCOVERED, Cover.EXTENDED_OPEN, Cover.SOON},
        "Extended support is bought for the time until the upgrade.": chosen in {Strategy.REHOST, Strategy.RELOCATE}
        and s.cover is Cover.EXTENDED_OPEN,
        "The operating system is upgraded within a year of the move.": chosen in {Strategy.REHOST, Strategy.RELOCATE}
        and s.cover is Cover.SOON,
        "Which operating system it runs is established before the move.": chosen in MOVES and s.cover is Cover.UNKNOWN,
        "It is isolated from other networks while it stays.": chosen is Strategy.RETAIN and s.cover is Cover.UNCOVERED,
        "The region satisfies the rule about its data.": chosen in MOVES and s.residency is Residency.REGION,
        "The vendor confirms its support on the target.": chosen in MOVES - {Strategy.REPURCHASE}
        and s.facts.cots is True
        and s.facts.vendor_supports_cloud is None,
        "An archive of its data is made and read back before the shutdown.": chosen is Strategy.RETIRE,
        "The decision is taken again before the datacentre closes.": chosen is Strategy.RETAIN
        and s.facts.datacentre_exit_months is not None,
    }
    return tuple(sentence for sentence, holds in asked.items() if holds)


def _questions(verdict: Verdict) -> tuple[str, ...]:
    s = verdict.situation
    asked = [*_questions_of_use(s)]
    if s.leaving is Leaving.SOME_DAY:
        asked.append("When does the replacement take over, and who accepts it?")
    missing = missing_facts(s.facts)[:MOST_QUESTIONS]
    if missing:
        asked.append(f"Not known, and of most weight: {', '.join(missing)}.")
    return tuple(asked)


def _questions_of_use(s: Situation) -> list[str]:
    if s.idle or s.leaving is Leaving.ACCEPTED:
        return []
    asked = []
    if s.looks_idle:
        asked.append("It looks idle: does its owner still need it?")
    if s.facts.owner_team is None:
        asked.append("Who owns it?")
    return asked
