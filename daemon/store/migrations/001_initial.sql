-- Cameras, their streams, layouts and the wall. Never edited after a release: the next change is 002_….sql.

CREATE TABLE camera (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  name TEXT NOT NULL,
  address TEXT,                -- ONVIF device service; NULL for a camera added by its stream URL
  username TEXT,
  password TEXT,
  manufacturer TEXT,
  model TEXT,
  firmware TEXT,
  serial TEXT,
  endpoint TEXT,               -- WS-Discovery endpoint reference: finds the camera again under a new address
  created_at REAL NOT NULL     -- Unix seconds
) STRICT, WITHOUT ROWID;

CREATE TABLE stream (
  name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  camera_id TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
  profile TEXT NOT NULL,
  rtsp_url TEXT NOT NULL,      -- without credentials
  username TEXT,
  password TEXT,
  channel INTEGER,
  subtype INTEGER,
  transport TEXT NOT NULL CHECK (transport IN ('auto', 'tcp', 'udp')),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  keep_warm INTEGER NOT NULL CHECK (keep_warm IN (0, 1)),
  profile_token TEXT,          -- ONVIF
  snapshot_url TEXT,
  codec TEXT,
  width INTEGER,
  height INTEGER,
  fps REAL,
  position INTEGER NOT NULL    -- order within the camera, the best picture first
) STRICT, WITHOUT ROWID;

CREATE INDEX stream_by_camera ON stream (camera_id);

-- Tiles name cameras by id and are no foreign keys: a tile outlives its camera, so that the layout
-- never rearranges and a camera added again under the same id is back in its place.
CREATE TABLE layout (
  name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  tiles TEXT NOT NULL CHECK (json_valid(tiles))
) STRICT, WITHOUT ROWID;

-- The wall's sequence. A deleted layout leaves it; an empty sequence shows every camera in an even grid.
CREATE TABLE wall_item (
  position INTEGER PRIMARY KEY,
  layout TEXT NOT NULL REFERENCES layout (name) ON DELETE CASCADE,
  dwell_seconds REAL NOT NULL CHECK (dwell_seconds > 0)
) STRICT;

CREATE INDEX wall_item_by_layout ON wall_item (layout);
