-- Facts: what happened, as it adds up. event_id, measure and n make each count once.
CREATE TABLE fact (
  seq {{seq}},
  event_id TEXT NOT NULL,
  measure TEXT NOT NULL,
  n BIGINT NOT NULL,
  count BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  occurred_day BIGINT NOT NULL,
  posted_day BIGINT NOT NULL,
  rep_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  source TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  stage TEXT NOT NULL,
  deal_id TEXT NOT NULL,
  deal_ref TEXT NOT NULL,
  recorded_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX fact_key ON fact (event_id, measure, n);
CREATE INDEX fact_day ON fact (measure, occurred_day);
CREATE INDEX fact_win ON fact (customer_id) WHERE measure = 'won';
CREATE INDEX fact_credit ON fact (customer_id) WHERE measure = 'new_customers';

-- Sums of facts up to the mark; memory holds those above it.
CREATE TABLE rollup (
  rep_id TEXT NOT NULL,
  day BIGINT NOT NULL,
  measure TEXT NOT NULL,
  stage TEXT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (rep_id, day, measure, stage)
);
CREATE TABLE rollup_mark (
  id BIGINT PRIMARY KEY,
  seq BIGINT NOT NULL
);

-- Own copies of what other services know.
CREATE TABLE customer_copy (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  sector TEXT NOT NULL,
  country TEXT NOT NULL,
  deleted BIGINT NOT NULL
);
CREATE INDEX customer_copy_name ON customer_copy (name);
CREATE TABLE product_copy (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  line TEXT NOT NULL,
  deleted BIGINT NOT NULL
);
CREATE INDEX product_copy_name ON product_copy (name);
-- ref is source:key.
CREATE TABLE product_ref (
  ref TEXT PRIMARY KEY,
  product_id TEXT NOT NULL
);
CREATE TABLE pipeline_copy (
  kind TEXT NOT NULL,
  stage TEXT NOT NULL,
  version BIGINT NOT NULL,
  place BIGINT NOT NULL,
  name TEXT NOT NULL,
  closed BIGINT NOT NULL,
  PRIMARY KEY (kind, stage)
);
CREATE TABLE source_copy (
  source TEXT PRIMARY KEY
);

-- The plan of each year as it is now, and every revision of it.
CREATE TABLE target_plan (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  year BIGINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE TABLE target_revision (
  plan_id TEXT NOT NULL,
  version BIGINT NOT NULL,
  year BIGINT NOT NULL,
  effective_day BIGINT NOT NULL,
  saved_us BIGINT NOT NULL,
  body {{bytes}} NOT NULL,
  PRIMARY KEY (plan_id, version)
);

CREATE TABLE benchmark (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  metric TEXT NOT NULL,
  period TEXT NOT NULL,
  source TEXT NOT NULL,
  value TEXT NOT NULL,
  published_day BIGINT NOT NULL
);
