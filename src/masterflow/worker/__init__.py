"""The long-running process: takes segments from the engine, proves that it lives, and looks after those that died."""
