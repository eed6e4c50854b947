"""One command on many flows: counted first, then done by a job, flow by flow, each exactly once."""
