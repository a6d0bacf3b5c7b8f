-- Who may do what, settings, sealed credentials, the cameras' service record, alarms.

-- Sealed with a key that is not in this database (store/vault.ts). The old columns stay for databases of version 1:
-- the store seals what it finds in them on opening, and leaves NULL there.
ALTER TABLE camera ADD COLUMN sealed_password BLOB;
ALTER TABLE stream ADD COLUMN sealed_password BLOB;
ALTER TABLE camera ADD COLUMN ptz INTEGER NOT NULL DEFAULT 0 CHECK (ptz IN (0, 1));
ALTER TABLE layout ADD COLUMN orientation TEXT CHECK (orientation IN ('landscape', 'portrait'));

-- One row a key, the value as JSON: settings, the wall's schedule, alarm rules, the benchmark's result.
CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
  name TEXT PRIMARY KEY COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 64),
  role TEXT NOT NULL CHECK (role IN ('viewer', 'admin')),
  password_hash TEXT NOT NULL,   -- scrypt, its parameters and salt within
  created_at REAL NOT NULL,      -- Unix seconds, as everywhere here
  last_login REAL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
  id TEXT PRIMARY KEY,           -- SHA-256 of the cookie: whoever reads this table cannot sign in with it
  user TEXT NOT NULL COLLATE NOCASE REFERENCES user (name) ON DELETE CASCADE ON UPDATE CASCADE,
  created_at REAL NOT NULL,
  last_seen REAL NOT NULL,
  expires_at REAL NOT NULL,
  address TEXT,
  browser TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX session_by_user ON session (user);

CREATE TABLE token (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  scope TEXT NOT NULL CHECK (scope IN ('viewer', 'admin')),
  hash TEXT NOT NULL UNIQUE,     -- SHA-256: tokens are 256 random bits, which need no slow hash
  created_at REAL NOT NULL,
  expires_at REAL,
  last_used REAL,
  created_by TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time REAL NOT NULL,
  who TEXT NOT NULL,
  address TEXT,
  action TEXT NOT NULL,
  target TEXT,
  detail TEXT
) STRICT;

-- Credentials that opened a camera, tried once on the next camera of that make.
CREATE TABLE credential (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  make TEXT,                     -- manufacturer in lower case; NULL: any
  username TEXT NOT NULL,
  sealed_password BLOB NOT NULL,
  cameras INTEGER NOT NULL DEFAULT 0,
  created_at REAL NOT NULL
) STRICT;

CREATE TABLE service_day (
  camera_id TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
  day TEXT NOT NULL,             -- YYYY-MM-DD in the box's time zone
  wanted_seconds REAL NOT NULL DEFAULT 0,
  live_seconds REAL NOT NULL DEFAULT 0,
  stalled_seconds REAL NOT NULL DEFAULT 0,
  connects INTEGER NOT NULL DEFAULT 0,
  unchanged INTEGER NOT NULL DEFAULT 0,
  repairs INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (camera_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE service_error (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  camera_id TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
  time REAL NOT NULL,
  stream TEXT,
  code TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;

CREATE INDEX service_error_by_camera ON service_error (camera_id, id);

-- Over by now; the active ones are in memory.
CREATE TABLE alarm (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL,
  topic TEXT NOT NULL,
  since REAL NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;

CREATE INDEX alarm_by_time ON alarm (since);
