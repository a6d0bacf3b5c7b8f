BEGIN TRANSACTION;
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
INSERT INTO "camera" VALUES('by_hand','By hand',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1700000100.0);
INSERT INTO "camera" VALUES('front-door','Front door “Süd”','http://192.168.1.64/onvif/device_service','admin','p@ss''w/ö"rd','HIKVISION','DS-2CD2042WD-I','V5.5.0','DS-2CD2042WD-I20160101','urn:uuid:00000000-0000-1000-8000-001122334455',1700000000.25);
CREATE TABLE layout (
  name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  tiles TEXT NOT NULL CHECK (json_valid(tiles))
) STRICT, WITHOUT ROWID;
INSERT INTO "layout" VALUES('empty','[]');
INSERT INTO "layout" VALUES('two','[{"x":0,"y":0,"width":0.5,"height":1,"cameras":["front-door"],"fit":"cover"},{"x":0.5,"y":0,"width":0.5,"height":1,"cameras":["by_hand","gone"],"dwell_seconds":7}]');
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
INSERT INTO "stream" VALUES('camera_1','by_hand','main','rtsp://192.168.1.108:554/cam/realmonitor',NULL,NULL,1,0,'tcp',1,1,NULL,NULL,NULL,NULL,NULL,NULL,0);
INSERT INTO "stream" VALUES('front-door_main','front-door','main','rtsp://192.168.1.64:554/Streaming/Channels/101','admin','p@ss''w/ö"rd',NULL,NULL,'auto',1,0,'Profile_1','http://192.168.1.64/onvif-http/snapshot?Profile_1','h264',2688,1520,20.0,0);
INSERT INTO "stream" VALUES('front-door_sub','front-door','sub','rtsp://192.168.1.64:554/Streaming/Channels/102','admin','p@ss''w/ö"rd',NULL,NULL,'udp',0,1,'Profile_2',NULL,'h264',640,360,12.5,1);
CREATE TABLE wall_item (
  position INTEGER PRIMARY KEY,
  layout TEXT NOT NULL REFERENCES layout (name) ON DELETE CASCADE,
  dwell_seconds REAL NOT NULL CHECK (dwell_seconds > 0)
) STRICT;
INSERT INTO "wall_item" VALUES(0,'two',30.0);
INSERT INTO "wall_item" VALUES(1,'empty',2.5);
INSERT INTO "wall_item" VALUES(2,'two',1.0);
CREATE INDEX stream_by_camera ON stream (camera_id);
CREATE INDEX wall_item_by_layout ON wall_item (layout);
COMMIT;
