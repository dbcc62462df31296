-- Tables that every service's database has. See the design's table of the same name.
CREATE TABLE journal (
  seq {{seq}},
  aggregate_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  type TEXT NOT NULL,
  occurred_us BIGINT NOT NULL,
  recorded_us BIGINT NOT NULL,
  actor TEXT NOT NULL,
  request_id TEXT NOT NULL,
  policies TEXT NOT NULL,
  trace TEXT NOT NULL,
  payload {{bytes}} NOT NULL
);
CREATE UNIQUE INDEX journal_aggregate ON journal (aggregate_id, version);

CREATE TABLE outbox (
  part SMALLINT NOT NULL,
  seq BIGINT NOT NULL,
  PRIMARY KEY (part, seq)
);

CREATE TABLE handled (
  id TEXT NOT NULL,
  scope TEXT NOT NULL,
  hash {{bytes}} NOT NULL,
  reply {{bytes}} NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (id, scope)
);
CREATE INDEX handled_at ON handled (at_us);

-- How far this service has followed another's aggregate; never expires.
CREATE TABLE consumed (
  aggregate_id TEXT PRIMARY KEY,
  version BIGINT NOT NULL
);

CREATE TABLE held (
  aggregate_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  source TEXT NOT NULL,
  state TEXT NOT NULL,
  error TEXT NOT NULL,
  tries BIGINT NOT NULL,
  envelope {{bytes}} NOT NULL,
  PRIMARY KEY (aggregate_id, version)
);

CREATE TABLE timer (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  part SMALLINT NOT NULL,
  due_us BIGINT NOT NULL,
  payload {{bytes}} NOT NULL,
  PRIMARY KEY (kind, key)
);
CREATE INDEX timer_due ON timer (due_us);

CREATE TABLE lease (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  until_us BIGINT NOT NULL
);

CREATE TABLE policy (
  kind TEXT NOT NULL,
  version BIGINT NOT NULL,
  effective_us BIGINT NOT NULL,
  body {{bytes}} NOT NULL,
  author TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (kind, version)
);

-- Derived values still to be published.
CREATE TABLE changed (
  key TEXT PRIMARY KEY,
  version BIGINT NOT NULL
);

-- The service's copy of the organisation: kind is unit or person.
CREATE TABLE org_member (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  body {{bytes}} NOT NULL
);

CREATE TABLE org_closure (
  ancestor TEXT NOT NULL,
  descendant TEXT NOT NULL,
  from_day BIGINT NOT NULL,
  to_day BIGINT NOT NULL,
  PRIMARY KEY (ancestor, descendant, from_day)
);

-- Keys of other systems. hash is that of the row as last imported.
CREATE TABLE external_id (
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  key TEXT NOT NULL,
  id TEXT NOT NULL,
  hash {{bytes}} NOT NULL,
  PRIMARY KEY (kind, source, key)
);
