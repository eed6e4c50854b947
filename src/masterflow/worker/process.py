"""A worker as a process: it runs until somebody asks it to end."""

import asyncio
import signal

from masterflow.logs import get_logger
from masterflow.worker.worker import Worker

log = get_logger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def run_until_signal(worker: Worker) -> None:
    """Start `worker` and run it until SIGTERM or SIGINT; then drain it. A second signal ends the drain at once.

    Raises:
        Unavailable: the worker cannot start.
    """
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in SIGNALS:
        loop.add_signal_handler(number, asked.set)
    await worker.start()
    try:
        await asked.wait()
    finally:
        log.info("worker_drains")
        for number in SIGNALS:
            loop.add_signal_handler(number, worker.runner.release)
        await worker.stop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)
