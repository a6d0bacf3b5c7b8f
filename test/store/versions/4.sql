PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE alarm (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL,
  topic TEXT NOT NULL,
  since REAL NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body))
) STRICT, WITHOUT ROWID;
INSERT INTO alarm VALUES('a1','front-door','motion',1700000100.5,'{"id":"a1"}');
CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time REAL NOT NULL,
  who TEXT NOT NULL,
  address TEXT,
  action TEXT NOT NULL,
  target TEXT,
  detail TEXT
) STRICT;
INSERT INTO audit VALUES(1,1700000100.5,'admin','192.168.1.20','camera.add','front-door',NULL);
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
, sealed_password BLOB, ptz INTEGER NOT NULL DEFAULT 0 CHECK (ptz IN (0, 1))) STRICT, WITHOUT ROWID;
INSERT INTO camera VALUES('by_hand','By hand',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1700000100.0,NULL,0);
INSERT INTO camera VALUES('front-door','Front door “Süd”','http://192.168.1.64/onvif/device_service','admin',NULL,'HIKVISION','DS-2CD2042WD-I','V5.5.0','DS-2CD2042WD-I20160101','urn:uuid:00000000-0000-1000-8000-001122334455',1700000000.25,X'013d403121de8c70603b585761c225574cf0dc5a813de9f963f128abbc8ec5886e38549536dba9b075',1);
CREATE TABLE credential (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  make TEXT,                     -- manufacturer in lower case; NULL: any
  username TEXT NOT NULL,
  sealed_password BLOB NOT NULL,
  cameras INTEGER NOT NULL DEFAULT 0,
  created_at REAL NOT NULL
) STRICT;
INSERT INTO credential VALUES(1,'hikvision','admin',X'014aa4248829bfb312f9ab3a5650f29ecd04d8090e5c3014ddd97c430a12f3a8dc5e94567bd420e048',0,1700000000.4999999999);
INSERT INTO credential VALUES(2,NULL,'root',X'01953cf0662e704da94f2a170e01fdc0ab9f3291e5d9d8692ccaf2195c',1,1700000000.4999999999);
CREATE TABLE layout (
  name TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
  tiles TEXT NOT NULL CHECK (json_valid(tiles))
, orientation TEXT CHECK (orientation IN ('landscape', 'portrait'))) STRICT, WITHOUT ROWID;
INSERT INTO layout VALUES('empty','[]',NULL);
INSERT INTO layout VALUES('two','[{"x":0,"y":0,"width":0.5,"height":1,"cameras":["front-door"],"fit":"cover"},{"x":0.5,"y":0,"width":0.5,"height":1,"cameras":["by_hand","gone"],"dwell_seconds":7}]','portrait');
CREATE TABLE screen_wall (
  screen INTEGER PRIMARY KEY CHECK (screen BETWEEN 2 AND 4),
  hours TEXT NOT NULL CHECK (json_valid(hours))   -- schedule and dark hours
) STRICT;
INSERT INTO screen_wall VALUES(2,'{"screen_off":[{"days":[6,7],"from":"20:00","to":"06:00"}]}');
INSERT INTO screen_wall VALUES(4,'{}');
CREATE TABLE screen_wall_item (
  screen INTEGER NOT NULL REFERENCES screen_wall (screen) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  layout TEXT NOT NULL REFERENCES layout (name) ON DELETE CASCADE,
  dwell_seconds REAL NOT NULL CHECK (dwell_seconds > 0),
  PRIMARY KEY (screen, position)
) STRICT, WITHOUT ROWID;
INSERT INTO screen_wall_item VALUES(2,0,'empty',5.0);
INSERT INTO screen_wall_item VALUES(2,1,'two',2.5);
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
INSERT INTO service_day VALUES('front-door','2023-11-14',3600.0,3590.4999999999999999,2.5,3,1,1);
CREATE TABLE service_error (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  camera_id TEXT NOT NULL REFERENCES camera (id) ON DELETE CASCADE,
  time REAL NOT NULL,
  stream TEXT,
  code TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
INSERT INTO service_error VALUES(1,'front-door',1700000100.5,'front-door_main','timeout','The camera did not answer.');
CREATE TABLE session (
  id TEXT PRIMARY KEY,           -- SHA-256 of the cookie: whoever reads this table cannot sign in with it
  user TEXT NOT NULL COLLATE NOCASE REFERENCES user (name) ON DELETE CASCADE ON UPDATE CASCADE,
  created_at REAL NOT NULL,
  last_seen REAL NOT NULL,
  expires_at REAL NOT NULL,
  address TEXT,
  browser TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO session VALUES('5f2c','admin',1700000100.5,1700000150.4999999999,4102444800.0,'192.168.1.20','Firefox');
CREATE TABLE setting (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
INSERT INTO setting VALUES('settings','{"name":"Gate house","time_zone":"Asia/Taipei","setup_done":true}');
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
INSERT INTO token VALUES('t1','script','viewer','9a8b',1700000100.5,NULL,NULL,'admin');
CREATE TABLE user (
  name TEXT PRIMARY KEY COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 64),
  role TEXT NOT NULL CHECK (role IN ('viewer', 'admin')),
  password_hash TEXT NOT NULL,   -- scrypt, its parameters and salt within
  created_at REAL NOT NULL,      -- Unix seconds, as everywhere here
  last_login REAL
) STRICT, WITHOUT ROWID;
INSERT INTO user VALUES('admin','admin','scrypt$fixture',1700000000.4999999999,1700000100.5);
INSERT INTO user VALUES('guard','viewer','scrypt$fixture',1700000200.5,NULL);
CREATE TABLE wall_item (
  position INTEGER PRIMARY KEY,
  layout TEXT NOT NULL REFERENCES layout (name) ON DELETE CASCADE,
  dwell_seconds REAL NOT NULL CHECK (dwell_seconds > 0)
) STRICT;
INSERT INTO wall_item VALUES(0,'two',30.0);
INSERT INTO wall_item VALUES(1,'empty',2.5);
INSERT INTO wall_item VALUES(2,'two',1.0);
CREATE TABLE IF NOT EXISTS "stream" (
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
INSERT INTO stream VALUES('camera_1','by_hand','main','rtsp://192.168.1.108:554/cam/realmonitor',NULL,NULL,1,0,'http',1,1,NULL,NULL,NULL,NULL,NULL,NULL,0,NULL,NULL);
INSERT INTO stream VALUES('front-door_main','front-door','main','rtsp://192.168.1.64:554/Streaming/Channels/101','admin',NULL,NULL,NULL,'auto',1,0,'Profile_1','http://192.168.1.64/onvif-http/snapshot?Profile_1','h264',2688,1520,20.0,0,X'012d9599538f3c04bce48d25a9ebd532bd69a243aee286ff20ece24a87c18726d1da45265c15116dc2','udp');
INSERT INTO stream VALUES('front-door_sub','front-door','sub','rtsp://192.168.1.64:554/Streaming/Channels/102','admin',NULL,NULL,NULL,'multicast',0,1,'Profile_2',NULL,'h264',640,360,12.5,1,X'01e09d477e841890d023d5bbf3f77e11285a85c4a07e661d440a8572ff724524a85c76ea0309d0ab22',NULL);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('audit',1);
INSERT INTO sqlite_sequence VALUES('credential',2);
INSERT INTO sqlite_sequence VALUES('service_error',1);
CREATE INDEX alarm_by_time ON alarm (since);
CREATE INDEX screen_wall_item_by_layout ON screen_wall_item (layout);
CREATE INDEX service_error_by_camera ON service_error (camera_id, id);
CREATE INDEX session_by_user ON session (user);
CREATE INDEX wall_item_by_layout ON wall_item (layout);
CREATE INDEX stream_by_camera ON stream (camera_id);
COMMIT;
