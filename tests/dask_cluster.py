"""Start a dask cluster of two workers with keys of its own, and say where it is.

`python tests/dask_cluster.py FOLDER` writes the keys to a folder, prints a line of JSON, and
ends with its standard input.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from distributed import LocalCluster
from distributed.security import Security

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    security = Security.temporary()
    for name, text in (
        ("ca", security.tls_ca_file),
        ("cert", security.tls_client_cert),
        ("key", security.tls_client_key),
    ):
        (folder / f"{name}.pem").write_text(text)
    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        protocol="tls://",
        security=security,
        dashboard_address=None,
        local_directory=str(folder),
    ) as cluster:
        pids = [worker.pid for worker in cluster.workers.values()]
        print(json.dumps({"address": cluster.scheduler_address, "workers": pids}), flush=True)
        sys.stdin.read()
