"""Backup and restore of a whole data directory, without the application or its database layer.

``make.make`` writes an archive, ``archive.verify`` reads and proves one, ``restore.restore`` puts
one back. The format is described in docs/reference/backup-format.md.
"""
