"""Whether the data of a running database is sound: its pages, its indexes, and what our rows say of each other."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import URL

from masterflow.db.backup.programs import Tell, as_text, programs_for
from masterflow.errors import Unavailable

MOST_NAMED = 5  # flows or files that one finding names


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One thing that was looked at. `ok` is None where it could not be: then `fix` says what is missing for it."""

    name: str
    ok: bool | None
    says: str
    fix: str | None = None


def check_live(admin: URL | None, rows: URL, *, files: Path | None, tell: Tell) -> Iterator[Looked]:
    """Look at all of it. `admin` may run pg_amcheck, `rows` reads the flows of every tenant, `files` is a local folder
    of uploads and artifacts.

    Raises:
        Unavailable: the database does not answer.
    """
    try:
        with psycopg.connect(_text(rows), autocommit=True) as connection:
            yield _checksums(connection)
            tell("The history of every flow is counted.")
            yield from _histories(connection)
    except psycopg.Error as error:
        raise Unavailable(
            f"The database cannot be verified: {error}.", hint="`masterflow doctor` says more."
        ) from error
    tell("pg_amcheck reads every table and index.")
    yield _amcheck(admin)
    if files is not None:
        tell("Uploads and artifacts are compared with their names.")
        yield _files(files)


def _checksums(connection: psycopg.Connection) -> Looked:
    on = _first(connection, "SHOW data_checksums") == "on"
    failures = _first(connection, "SELECT coalesce(sum(checksum_failures), 0) FROM pg_stat_database")
    if not on:
        fix = "Stop the server, run pg_checksums --enable on its folder, start it again."
        return Looked(name="checksums", ok=False, says="pages carry no checksums", fix=fix)
    return Looked(
        name="checksums",
        ok=failures == 0,
        says=f"on, {failures} failures seen",
        fix=None if failures == 0 else "The disk lost data: restore the newest good backup.",
    )


def _histories(connection: psycopg.Connection) -> Iterator[Looked]:
    flows = _first(connection, "SELECT count(*) FROM crewai_flow_state_extensions")
    for name, statement in _ROW_CHECKS.items():
        bad = [str(flow) for (flow,) in connection.execute(statement, (MOST_NAMED,)).fetchall()]
        yield Looked(
            name=name,
            ok=not bad,
            says=f"true of {flows} flows" if not bad else f"not true of {', '.join(bad)}",
            fix=None if not bad else "Somebody wrote past Masterflow: compare with a backup (`masterflow db restore`).",
        )


def _amcheck(admin: URL | None) -> Looked:
    fix = "Give MASTERFLOW_DATABASE_BACKUP_URL a superuser for this check."
    if admin is None:
        return Looked(name="pages and indexes", ok=None, says="no administrator's connection", fix=fix)
    try:
        with psycopg.connect(_text(admin), autocommit=True) as connection:
            if not _first(connection, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
                return Looked(name="pages and indexes", ok=None, says=f"{admin.username} is no superuser", fix=fix)
            was_there = bool(_first(connection, "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'"))
            try:
                return _run_amcheck(admin, connection.info.server_version // 10_000)
            finally:
                if not was_there:
                    connection.execute("DROP EXTENSION IF EXISTS amcheck")
    except psycopg.Error as error:
        return Looked(name="pages and indexes", ok=False, says=str(error), fix=fix)


def _run_amcheck(admin: URL, major: int) -> Looked:
    arguments = ["--install-missing", "--heapallindexed", "--no-password", as_text(admin)]
    try:
        programs_for(major).run("pg_amcheck", arguments, url=admin)
    except Unavailable as error:
        fix = "Restore the newest good backup; a damaged index alone is made anew by REINDEX."
        return Looked(name="pages and indexes", ok=False, says=error.message, fix=fix)
    return Looked(name="pages and indexes", ok=True, says="pg_amcheck found nothing")


def _files(folder: Path) -> Looked:
    count, bad = 0, []
    for path in folder.rglob("*"):
        if path.is_file() and not path.name.endswith(".part"):
            count += 1
            if hashlib.sha256(path.read_bytes()).hexdigest() != path.name:
                bad.append(path.name)
    return Looked(
        name="files",
        ok=not bad,
        says=f"{count} files have their checksum" if not bad else f"changed: {', '.join(bad[:MOST_NAMED])}",
        fix=None if not bad else "Take them from a backup: artifacts.tar has each under the same name.",
    )


def _first(connection: psycopg.Connection, statement: str) -> object:
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


def _text(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


_ROW_CHECKS = {
    "events have no hole": """
        SELECT flow_id FROM flow_events GROUP BY flow_id
        HAVING min(seq) <> 1 OR max(seq) <> count(*) LIMIT %s""",
    "the row has the version of its last event": """
        SELECT f.flow_id FROM crewai_flow_state_extensions f
        LEFT JOIN (SELECT flow_id, max(seq) AS seq FROM flow_events GROUP BY flow_id) e USING (flow_id)
        WHERE f.version IS DISTINCT FROM e.seq LIMIT %s""",
    "the row has the status that its events tell": """
        SELECT f.flow_id FROM crewai_flow_state_extensions f
        JOIN (
            SELECT DISTINCT ON (flow_id) flow_id, data ->> 'status' AS status
            FROM flow_events WHERE data ? 'status' ORDER BY flow_id, seq DESC
        ) e USING (flow_id)
        WHERE f.flow_status <> e.status LIMIT %s""",
    "every finished phase has its result": """
        SELECT e.flow_id FROM flow_events e
        JOIN crewai_flow_state_extensions f ON f.flow_id = e.flow_id
        WHERE e.kind = 'phase_completed'
        GROUP BY e.flow_id
        HAVING count(*) > (SELECT count(*) FROM phase_results r WHERE r.flow_id = e.flow_id) LIMIT %s""",
}
