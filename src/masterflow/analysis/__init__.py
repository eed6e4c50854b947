"""Pure functions on the estate: they read no store, open no connection and give the same answer every time."""
