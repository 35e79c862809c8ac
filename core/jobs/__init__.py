"""The work queue: runs any generator of events in a worker process next to the server."""
