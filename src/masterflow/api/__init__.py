"""HTTP and nothing else: one resource a file, errors as problem documents, one guard before every route."""
