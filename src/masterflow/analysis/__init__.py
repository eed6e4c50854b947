<<<<<<< HEAD
"""Pure functions on the estate: they read no store, open no connection and give the same answer every time."""
=======
"""Pure functions on the estate: no store, no network, no model; the same input gives the same answer."""
>>>>>>> assessment
