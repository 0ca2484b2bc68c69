"""A place on other machines: a dask cluster, however it was started."""

from __future__ import annotations

from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path

from distributed import Client
from distributed.cfexecutor import ClientExecutor
from distributed.scheduler import KilledWorker
from distributed.security import Security

from autograder.grading.runs import Place, RunProblem

SECONDS_TO_CONNECT = 30


@dataclass(frozen=True)
class Keys:
    """What both sides of a connection prove themselves with: files in PEM format.

    Attributes
    ----------
    ca : Path
        The certificate of the authority that signed the others.
    cert, key : Path
        This side's own certificate and private key.
    """

    ca: Path
    cert: Path
    key: Path


class _Executor(ClientExecutor):
    """Dask's executor, which leaves its client open; this one closes it."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=wait and not cancel_futures)
        self._client.close()


def cluster(address: str, keys: Keys | None) -> Place:
    """Return a place on the workers of a dask scheduler.

    Parameters
    ----------
    address : str
        "tls://HOST:PORT", or "tcp://HOST:PORT" without keys.
    keys : Keys or None

    Raises
    ------
    RunProblem
        If the scheduler can't be reached, or has no workers.
    """
    try:
        client = Client(
            address,
            security=_security(keys) if keys else None,
            timeout=SECONDS_TO_CONNECT,
            set_as_default=False,
        )
        client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
    except (OSError, TimeoutError, ValueError) as problem:
        raise RunProblem(f"no dask scheduler with workers at {address}: {problem}") from None
    jobs = sum(client.nthreads().values())
    return Place(
        lambda: _Executor(client, pure=False), jobs, batch=10, lost=(CancelledError, KilledWorker)
    )


def _security(keys: Keys) -> Security:
    # The strings are those that dask's own configuration uses.
    own = {"cert": str(keys.cert), "key": str(keys.key)}
    sides = {
        f"tls_{side}_{what}": path
        for side in ("client", "scheduler", "worker")
        for what, path in own.items()
    }
    return Security(require_encryption=True, tls_ca_file=str(keys.ca), **sides)
