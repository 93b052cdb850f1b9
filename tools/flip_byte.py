#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""flip_byte.py DATABASE: change one byte in the middle of one stored entry, as somebody could
who may write the file but has no key."""
import sqlite3
import sys

ENTRY = b"CCHT\x01"  # magic and format; byte 6 is the kind, 1 for an entry


def heads(database):
    """(table, column, rowid, blob) of every entry's head, whatever the tables are called."""
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    for (table,) in tables:
        for column in database.execute(f'PRAGMA table_info("{table}")').fetchall():
            for rowid, blob in database.execute(f'SELECT rowid, "{column[1]}" FROM "{table}"'):
                if isinstance(blob, bytes) and blob.startswith(ENTRY) and blob[6] == 1:
                    yield table, column[1], rowid, blob


def main():
    database = sqlite3.connect(sys.argv[1])
    found = next(heads(database), None)
    if found is None:
        print(f"no entry in {sys.argv[1]}", file=sys.stderr)
        return 1
    table, column, rowid, blob = found
    at = len(blob) // 2
    changed = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1:]
    with database:
        database.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (changed, rowid))
    database.close()
    print(f"byte {at} of {len(blob)} is now {changed[at]:#04x}, it was {blob[at]:#04x}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
