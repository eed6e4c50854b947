"""The processes of compose.yaml, without containers: the same commands, the same environment, the same secrets."""

import base64
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
import yaml

from masterflow.config import Settings
from masterflow.db.embedded import EmbeddedPostgres
from tests.rules.source import ROOT

PATIENCE_SECONDS = 300
ADMIN_PASSWORD = "postgres-of-this-test"
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: Mapping[str, dict] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("masterflow:")]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Site:
    """A server of one's own, the secrets beside it, and the processes that were started."""

    room: Path
    port: int
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    metrics: dict[str, int] = field(default_factory=dict)

    def environment(self, service: str) -> dict[str, str]:
        """What compose.yaml gives a service, with its addresses turned to this machine's."""
        given = {name: str(value) for name, value in SERVICES[service].get("environment", {}).items()}
        if "MASTERFLOW_METRICS_PORT" in given:
            self.metrics[service] = self.metrics.get(service) or free_port()
            given["MASTERFLOW_METRICS_PORT"] = str(self.metrics[service])
        secrets = self.room / f"secrets-{service}"
        secrets.mkdir(exist_ok=True)
        for name in SERVICES[service].get("secrets", []):
            shutil.copy(self.room / "secrets" / name, secrets / name)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("MASTERFLOW_")}
        return {
            **kept,
            **{name: value.replace("postgres:5432", f"127.0.0.1:{self.port}") for name, value in given.items()},
            "MASTERFLOW_SECRETS_DIR": str(secrets),
            "MASTERFLOW_DATA_DIR": str(self.room / "files"),
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONUNBUFFERED": "1",
        }

    def run(self, service: str, *arguments: str) -> str:
        """One command to its end, as that service."""
        done = subprocess.run(
            [sys.executable, "-m", "masterflow", *arguments],
            env=self.environment(service),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, service: str, *more: str) -> None:
        log = (self.room / f"{service}.log").open("a")
        with log:
            self.processes[service] = subprocess.Popen(
                [sys.executable, "-m", "masterflow", *SERVICES[service]["command"], *more],
                env=self.environment(service),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                text=True,
            )

    def log(self, service: str) -> str:
        return (self.room / f"{service}.log").read_text(encoding="utf-8")


@pytest.fixture
def site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="masterflow-compose-") as name:
        room = Path(name)
        room.chmod(0o755)
        server = EmbeddedPostgres(room / "server")
        admin = server.start()
        with psycopg.connect(admin.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE masterflow SUPERUSER LOGIN PASSWORD '{ADMIN_PASSWORD}'")
        (room / "secrets").mkdir()
        for secret, content in {
            "masterflow_database_url": f"postgresql://masterflow:{ADMIN_PASSWORD}@127.0.0.1:{admin.port}/masterflow",
            "masterflow_database_role_secret": "a long random text for three roles",
            "masterflow_metrics_token": "metrics-token",
            "masterflow_encryption_key": base64.b64encode(bytes(32)).decode(),
        }.items():
            (room / "secrets" / secret).write_text(f"{content}\n")
        site = Site(room, int(admin.port or 0))
        yield site
        for process in site.processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()
        server.stop()


def until(look, what: str):
    """What `look` answers as soon as it is true; the processes are others, so there is nothing to await."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if seen := look():
                return seen
        except (httpx.HTTPError, AssertionError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"never came: {what}")


def test_the_whole_house_runs_a_flow_outlives_a_worker_and_ends_clean(
    site: Site, request: pytest.FixtureRequest
) -> None:
    assert "Migrated: 0001" in site.run("migrate", *SERVICES["migrate"]["command"])
    port = free_port()
    site.start("api", "--port", str(port))
    for worker in ("worker-1", "worker-2"):
        site.start(worker)
    api = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
    request.addfinalizer(api.close)
    until(lambda: api.get("/health/ready").json()["status"] == "ready", "a ready API and a worker")
    for worker, metrics_port in site.metrics.items():
        until(lambda p=metrics_port: httpx.get(f"http://127.0.0.1:{p}/health/live").status_code == 200, worker)

    for command in (
        ("client", "create", "Northwind"),
        ("engagement", "create", "Exit"),
        ("user", "create", "ana@northwind.example", "--role", "lead"),
    ):
        site.run("api", *command)
    token = re.search(r"mf_\S+", site.run("api", "token", "create"))
    assert token is not None
    api.headers["Authorization"] = f"Bearer {token[0]}"
    content = b"Server Name,Operating System,CPU Cores\nweb-01,Windows Server 2022,4\ndb-01,Red Hat 8,8\n"
    upload = api.post("/api/v1/imports", files={"file": ("servers.csv", content, "text/csv")})
    assert upload.status_code == 201, upload.text

    def runs() -> str:
        made = api.post("/api/v1/flows", json={"flow_type": "discovery", "config": {"imports": [upload.json()["id"]]}})
        assert made.status_code == 201, made.text
        return str(made.json()["flow_id"])

    def stands(flow: str) -> str:
        return until(
            lambda: (s := api.get(f"/api/v1/flows/{flow}").json()["status"]) != "running" and s, f"the end of {flow}"
        )

    assert stands(runs()) == "waiting_for_approval"
    site.processes["worker-1"].kill()
    assert stands(runs()) == "waiting_for_approval"

    metrics_port = site.metrics["worker-2"]
    assert httpx.get(f"http://127.0.0.1:{metrics_port}/metrics").status_code == 401
    told = httpx.get(f"http://127.0.0.1:{metrics_port}/metrics", headers={"Authorization": "Bearer metrics-token"}).text
    assert 'masterflow_flows{flow_type="discovery",status="waiting_for_approval"}' in told

    for name in ("api", "worker-2"):
        site.processes[name].send_signal(signal.SIGTERM)
    assert [site.processes[name].wait(PATIENCE_SECONDS) for name in ("api", "worker-2")] == [0, 0]
    everything = "".join(site.log(name) for name in site.processes)
    assert '"event": "request"' in everything
    assert [secret for secret in (token[0], ADMIN_PASSWORD, "three roles") if secret in everything] == []


@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert (service["cap_drop"], service["security_opt"]) == (["ALL"], ["no-new-privileges:true"])
    settings = {f"MASTERFLOW_{field.upper()}" for field in Settings.model_fields}
    assert set(service["environment"]) <= settings
    assert {secret.upper() for secret in service["secrets"]} <= settings
    passwords = [value for value in service["environment"].values() if re.search(r"://[^@/]*:[^@/]*@", str(value))]
    assert passwords == []


def test_a_worker_has_longer_to_end_than_it_drains() -> None:
    for name in ("worker-1", "worker-2"):
        drain = int(SERVICES[name]["environment"]["MASTERFLOW_DRAIN_SECONDS"])
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) > drain + 10


def test_who_makes_and_who_sends_webhooks_has_the_key_that_seals_their_secrets() -> None:
    assert [name for name in OURS if "masterflow_encryption_key" in SERVICES[name]["secrets"]] == [
        *("api", "worker-1", "worker-2")
    ]


def test_every_secret_that_a_service_reads_is_declared_and_told_how_to_make() -> None:
    read = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}
    assert read == set(COMPOSE["secrets"])
    told = (ROOT / "docs/howto/operate.md").read_text(encoding="utf-8")
    assert [secret for secret in read if f"> secrets/{secret}" not in told] == []


def test_only_the_migration_knows_the_administrator() -> None:
    assert [name for name in OURS if "masterflow_database_url" in SERVICES[name]["secrets"]] == ["migrate"]
    assert SERVICES["migrate"]["restart"] == "no"


def test_the_image_is_locked_small_and_nobodys_root() -> None:
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert set(stages) == {"node:${NODE}-slim", "python:${PYTHON}-slim"}, "images by their plain name, no registry"
    assert "--require-hashes" in DOCKERFILE
    assert "npm install --no-save" in DOCKERFILE
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert DOCKERFILE.index("USER 10001") > DOCKERFILE.rindex("RUN ")
    assert "HEALTHCHECK" in DOCKERFILE
    assert not re.search(r"^(ADD|MAINTAINER)", DOCKERFILE, re.MULTILINE)


def test_what_the_image_copies_exists_and_is_not_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    }
    assert copied == allowed
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_hadolint_finds_nothing_to_say() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("hadolint"), str(ROOT / "Dockerfile")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
