"""Which application moves in which wave, and what that takes."""
