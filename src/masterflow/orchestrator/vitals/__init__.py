"""What the database knows of how the whole is doing: flows by state, the queue, the relay, the workers."""
