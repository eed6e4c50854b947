"""Opening files of unknown origin: safely, and with a sentence when it does not work.

Importers stand on these modules because they may not import each other.
"""
