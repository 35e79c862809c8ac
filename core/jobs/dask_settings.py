"""How Dask is set up for our own workers."""

import sys
from typing import Any

from core.threads import VARIABLES

ENVIRONMENT = dict.fromkeys(VARIABLES, "1") | {"OMP_WAIT_POLICY": "PASSIVE"}
TERMINATE = 0.95  # of the memory that a worker has: the share at which it is ended
# How a worker process starts. The socket of a fork server of Python 3.11.0 is open to every user (CVE-2022-42919).
METHOD = "forkserver" if sys.platform == "linux" and sys.version_info >= (3, 11, 1) else "spawn"
FOR_GOOD: dict[str, Any] = {  # of this process: it makes connections and starts workers at any time
    "distributed.worker.multiprocessing-method": METHOD,
    # A busy machine answers late: two cores with twenty programs hold a process up for half a minute. A process that is
    # gone is noticed at once all the same, by its closed connection or by its nanny.
    "distributed.comm.timeouts.connect": "60s",
    "distributed.comm.timeouts.tcp": "300s",
    "distributed.scheduler.worker-ttl": None,
    # A nanny starts a new worker in place of a dead one; after this time Dask would give up the nanny as well.
    "distributed.deploy.lost-worker-timeout": "300s",
}
SETTINGS: dict[str, Any] = FOR_GOOD | {
    # Nothing needs the HTTP servers; they answer no request until they are closed.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # A job keeps its data itself, so there is nothing to spill, and a pause would only make the next job wait.
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": TERMINATE,
    # Nobody looks at what Dask notes of itself; the server and the workers have other work to do.
    "distributed.worker.profile.enabled": False,
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.disk": False,
    "distributed.admin.tick.interval": "500ms",
}
