-- Two more ways to a camera: RTSP through HTTP, and multicast; and the way by which pictures came the last time.
-- A CHECK cannot be changed, so the table is made anew.

CREATE TABLE stream_anew (
  name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  camera_id TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
  profile TEXT NOT NULL,
  rtsp_url TEXT NOT NULL,      -- without credentials; http:// and https:// too
  username TEXT,
  password TEXT,
  channel INTEGER,
  subtype INTEGER,
  transport TEXT NOT NULL CHECK (transport IN ('auto', 'tcp', 'udp', 'http', 'multicast')),
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  keep_warm INTEGER NOT NULL CHECK (keep_warm IN (0, 1)),
  profile_token TEXT,          -- ONVIF
  snapshot_url TEXT,
  codec TEXT,
  width INTEGER,
  height INTEGER,
  fps REAL,
  position INTEGER NOT NULL,   -- order within the camera, the best picture first
  sealed_password BLOB,
  known_transport TEXT CHECK (known_transport IN ('tcp', 'udp', 'multicast'))
) STRICT, WITHOUT ROWID;

INSERT INTO stream_anew
SELECT name, camera_id, profile, rtsp_url, username, password, channel, subtype, transport, enabled, keep_warm,
  profile_token, snapshot_url, codec, width, height, fps, position, sealed_password, NULL
FROM stream;

DROP TABLE stream;
ALTER TABLE stream_anew RENAME TO stream;
CREATE INDEX stream_by_camera ON stream (camera_id);
