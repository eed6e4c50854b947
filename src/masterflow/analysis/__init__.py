"""Pure functions on the estate: mapping, estate building, support dates, complexity, strategies, waves."""
