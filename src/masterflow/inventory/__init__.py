"""The estate: what discovery builds and every other flow reads."""
