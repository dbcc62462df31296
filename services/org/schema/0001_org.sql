CREATE TABLE unit (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  name TEXT NOT NULL,
  kind SMALLINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE INDEX unit_name ON unit (name, id);

CREATE TABLE person (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  name TEXT NOT NULL,
  inactive SMALLINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE INDEX person_name ON person (name, id);
