"""The work queue: any generator of events, run in a worker process beside the server."""
