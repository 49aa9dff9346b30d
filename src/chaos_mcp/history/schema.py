"""The store's tables, and how an older store becomes one of today.

In the part of SQL that all databases share, so that SQLite's own module can speak it
as well as SQLAlchemy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSIONS = "chaos_schema"
FIRST = """
CREATE TABLE chaos_runs (
    run VARCHAR(190) NOT NULL PRIMARY KEY,
    title VARCHAR(200) NOT NULL,
    file TEXT NOT NULL,
    digest VARCHAR(64) NOT NULL,
    profile VARCHAR(64) NOT NULL,
    verdict VARCHAR(20) NOT NULL,
    exit_code INTEGER NOT NULL,
    started DOUBLE PRECISION NOT NULL,
    length DOUBLE PRECISION NOT NULL,
    seed TEXT NOT NULL,
    version VARCHAR(64) NOT NULL,
    node TEXT NOT NULL,
    folder TEXT NOT NULL,
    tags TEXT NOT NULL,
    reasons TEXT NOT NULL,
    score DOUBLE PRECISION,
    low DOUBLE PRECISION,
    high DOUBLE PRECISION,
    figures TEXT NOT NULL
)
"""
BASELINES = """
CREATE TABLE chaos_baselines (
    name VARCHAR(190) NOT NULL PRIMARY KEY,
    run VARCHAR(190) NOT NULL,
    since DOUBLE PRECISION NOT NULL
)
"""
BASELINES_OF_EACH = """
CREATE TABLE chaos_baselines_of_each (
    name VARCHAR(190) NOT NULL,
    title VARCHAR(200) NOT NULL,
    run VARCHAR(190) NOT NULL,
    since DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (name, title)
)
"""
KEPT_BASELINES = """
INSERT INTO chaos_baselines_of_each (name, title, run, since)
SELECT chaos_baselines.name, chaos_runs.title, chaos_runs.run, chaos_baselines.since
FROM chaos_baselines JOIN chaos_runs ON chaos_runs.run = chaos_baselines.run
"""
MIGRATIONS: Sequence[Sequence[str]] = (
    (
        FIRST,
        "CREATE INDEX chaos_runs_started ON chaos_runs (started)",
        "CREATE INDEX chaos_runs_title ON chaos_runs (title)",
        BASELINES,
    ),
    (
        BASELINES_OF_EACH,
        KEPT_BASELINES,
        "DROP TABLE chaos_baselines",
        "ALTER TABLE chaos_baselines_of_each RENAME TO chaos_baselines",
    ),
)
"""What makes version 1 of nothing, version 2 of 1, and so on; never edited, only
added to."""
COLUMNS = (
    "run",
    "title",
    "file",
    "digest",
    "profile",
    "verdict",
    "exit_code",
    "started",
    "length",
    "seed",
    "version",
    "node",
    "folder",
    "tags",
    "reasons",
    "score",
    "low",
    "high",
    "figures",
)
