"""The tables of a user's database, as the migrations that make them.

A migration only adds (a table, a column with a default, an index): the release before this one goes on working on the
database for as long as it runs. One that was ever released is never changed. Each is a script of plain statements, no
triggers; the runner's own tables (versions, operations) are not here.

Ids are UUID text, times of the footage are pts with the terms of their time base, moments RFC 3339 in UTC, lists and
documents JSON. Whatever may outlive what it came from (a job its game, a reel its project) names it without a foreign
key, or one that turns to null.
"""

from __future__ import annotations

from typing import Final

_FIRST: Final = """
CREATE TABLE athletes (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    shirt_number INTEGER,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    body TEXT NOT NULL,
    revision INTEGER NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

CREATE TABLE games (
    id TEXT PRIMARY KEY,
    opponent TEXT NOT NULL,
    match_date TEXT,
    venue TEXT CHECK (venue IN ('home', 'away', 'tournament')),
    demo INTEGER NOT NULL CHECK (demo IN (0, 1)),
    listed_on TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX games_listed ON games (listed_on, id);

CREATE TABLE sources (
    id TEXT PRIMARY KEY,
    game_id TEXT NOT NULL REFERENCES games (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    name TEXT NOT NULL,
    ext TEXT NOT NULL,
    size_bytes INTEGER NOT NULL CHECK (size_bytes > 0),
    fingerprint TEXT NOT NULL,
    sha256 TEXT,
    state TEXT NOT NULL CHECK (state IN ('expected', 'uploading', 'ingesting', 'ready', 'failed', 'refused')),
    ingest_job TEXT,
    error TEXT,
    usable_until_pts INTEGER,
    codec TEXT,
    width_px INTEGER,
    height_px INTEGER,
    time_base_n INTEGER,
    time_base_d INTEGER,
    in_pts INTEGER,
    out_pts INTEGER,
    rate_n INTEGER,
    rate_d INTEGER,
    frames INTEGER,
    constant_rate INTEGER,
    hdr INTEGER,
    sound INTEGER,
    proxy INTEGER,
    sprite TEXT,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    UNIQUE (game_id, part)
) STRICT;
CREATE INDEX sources_fingerprint ON sources (fingerprint, size_bytes);

CREATE TABLE uploads (
    id TEXT PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    multipart TEXT NOT NULL,
    content_type TEXT NOT NULL,
    part_bytes INTEGER NOT NULL CHECK (part_bytes > 0),
    created_at TEXT NOT NULL,
    touched_at TEXT NOT NULL,
    completed_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE clips (
    id TEXT PRIMARY KEY,
    source_id TEXT NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
    time_base_n INTEGER NOT NULL,
    time_base_d INTEGER NOT NULL,
    in_pts INTEGER NOT NULL,
    out_pts INTEGER NOT NULL,
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    tags TEXT NOT NULL,
    name TEXT NOT NULL,
    notes TEXT NOT NULL,
    provisional INTEGER NOT NULL CHECK (provisional IN (0, 1)),
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (out_pts > in_pts)
) STRICT;
CREATE INDEX clips_source ON clips (source_id, in_pts);

CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    athlete_id TEXT REFERENCES athletes (id) ON DELETE SET NULL,
    automatic INTEGER NOT NULL CHECK (automatic IN (0, 1)),
    title TEXT NOT NULL,
    aspect TEXT NOT NULL,
    clip_count INTEGER NOT NULL,
    reel_id TEXT,
    last_version INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX projects_updated ON projects (updated_at, id);

CREATE TABLE project_clips (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    edit_id TEXT NOT NULL,
    clip_id TEXT,
    source_id TEXT,
    seen_n INTEGER,
    seen_d INTEGER,
    seen_in_pts INTEGER,
    seen_out_pts INTEGER,
    PRIMARY KEY (project_id, edit_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX project_clips_clip ON project_clips (clip_id);
CREATE INDEX project_clips_source ON project_clips (source_id);

CREATE TABLE saves (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    head TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    PRIMARY KEY (project_id, number)
) STRICT;

CREATE INDEX saves_saved ON saves (saved_at);

CREATE TABLE parts (
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (project_id, digest)
) STRICT;

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'cancelling', 'done', 'cancelled', 'failed')),
    game_id TEXT,
    source_id TEXT,
    clip_id TEXT,
    project_id TEXT,
    reel_id TEXT,
    version INTEGER,
    draft INTEGER NOT NULL CHECK (draft IN (0, 1)),
    made_of TEXT,
    price_credits INTEGER NOT NULL,
    call_id TEXT,
    waits_for TEXT,
    spec TEXT NOT NULL,
    value TEXT,
    error TEXT,
    created_at TEXT NOT NULL,
    settled_at TEXT
) STRICT;
CREATE INDEX jobs_open ON jobs (created_at, id) WHERE settled_at IS NULL;
CREATE INDEX jobs_created ON jobs (created_at, id);
CREATE INDEX jobs_project ON jobs (project_id, created_at);

CREATE TABLE framings (
    job_id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    draft INTEGER NOT NULL CHECK (draft IN (0, 1)),
    made_of TEXT NOT NULL,
    frames INTEGER NOT NULL,
    rate_n INTEGER NOT NULL,
    rate_d INTEGER NOT NULL,
    looks TEXT NOT NULL,
    fps REAL,
    shown TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX framings_project ON framings (project_id, draft, created_at);

CREATE TABLE reels (
    id TEXT PRIMARY KEY,
    project_id TEXT REFERENCES projects (id) ON DELETE SET NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX reels_project ON reels (project_id);

CREATE TABLE reel_versions (
    job_id TEXT PRIMARY KEY,
    reel_id TEXT NOT NULL REFERENCES reels (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    draft INTEGER NOT NULL CHECK (draft IN (0, 1)),
    title TEXT NOT NULL,
    aspect TEXT NOT NULL,
    made_of TEXT NOT NULL,
    frames INTEGER NOT NULL,
    rate_n INTEGER NOT NULL,
    rate_d INTEGER NOT NULL,
    outside TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (reel_id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX reel_versions_created ON reel_versions (created_at);

CREATE TABLE shares (
    id TEXT PRIMARY KEY,
    reel_id TEXT NOT NULL REFERENCES reels (id) ON DELETE CASCADE,
    token_sha256 TEXT NOT NULL UNIQUE,
    shown_name TEXT NOT NULL,
    download INTEGER NOT NULL CHECK (download IN (0, 1)),
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX shares_reel ON shares (reel_id, created_at);

CREATE TABLE raw_clips (
    job_id TEXT PRIMARY KEY,
    clip_id TEXT NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    frames INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX raw_clips_clip ON raw_clips (clip_id, created_at);
CREATE INDEX raw_clips_key ON raw_clips (key);

CREATE TABLE downloads (
    job_id TEXT PRIMARY KEY,
    game_id TEXT REFERENCES games (id) ON DELETE SET NULL,
    key TEXT NOT NULL,
    list_key TEXT NOT NULL,
    title TEXT NOT NULL,
    frames INTEGER NOT NULL,
    rate_n INTEGER NOT NULL,
    rate_d INTEGER NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX downloads_game ON downloads (game_id);

CREATE TABLE archives (
    job_id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    files INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    missing TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE removals (
    key TEXT PRIMARY KEY,
    asked_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

_SECOND: Final = """
CREATE TABLE small_copies (
    job_id TEXT PRIMARY KEY,
    reel_id TEXT NOT NULL REFERENCES reels (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    key TEXT NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (reel_id, version)
) STRICT, WITHOUT ROWID;
"""

MIGRATIONS: Final[tuple[str, ...]] = (_FIRST, _SECOND)
"""In order; how many of them a database has had is its version."""
