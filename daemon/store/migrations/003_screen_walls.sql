-- What the second and every further screen shows; the first one's wall stays in wall_item. A screen without a row here
-- shows what the first one shows.

CREATE TABLE screen_wall (
  screen INTEGER PRIMARY KEY CHECK (screen BETWEEN 2 AND 4),
  hours TEXT NOT NULL CHECK (json_valid(hours))   -- schedule and dark hours
) STRICT;

CREATE TABLE screen_wall_item (
  screen INTEGER NOT NULL REFERENCES screen_wall (screen) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  layout TEXT NOT NULL REFERENCES layout (name) ON DELETE CASCADE,
  dwell_seconds REAL NOT NULL CHECK (dwell_seconds > 0),
  PRIMARY KEY (screen, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX screen_wall_item_by_layout ON screen_wall_item (layout);
