"""Backups: the whole cluster, the uploads and the artifacts in one folder or file, each byte of it under a checksum.

    masterflow-backup.json    what the backup holds, with the size and SHA-256 of every other file
    database/                 base.tar, pg_wal.tar and backup_manifest, as pg_basebackup writes them
    artifacts.tar             uploads and artifacts, when they lie on this machine
    password                  of the embedded server, which the three roles' passwords are derived from

A backup holds every tenant's data and, of an embedded database, its password: it is readable by its owner only.
"""

from masterflow.db.backup.manifest import Manifest
from masterflow.db.backup.restoring import restore
from masterflow.db.backup.taking import Source, take
from masterflow.db.backup.verifying import verify

__all__ = ["Manifest", "Source", "restore", "take", "verify"]
