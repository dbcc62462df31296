CREATE TABLE customer (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  owner_id TEXT NOT NULL,
  phone TEXT NOT NULL,
  sector TEXT NOT NULL,
  country TEXT NOT NULL,
  source TEXT NOT NULL,
  deleted SMALLINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE UNIQUE INDEX customer_phone ON customer (phone) WHERE phone <> '' AND deleted = 0;
CREATE INDEX customer_owner ON customer (owner_id, id);

CREATE TABLE customer_tag (
  tag TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  PRIMARY KEY (tag, customer_id)
);
CREATE INDEX customer_tag_customer ON customer_tag (customer_id);

CREATE TABLE contact (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  customer_id TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  deleted SMALLINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE INDEX contact_customer ON contact (customer_id, id);

-- open_phone is the phone while the lead is open; "" afterwards. budget_minor is 0 without a budget.
CREATE TABLE lead (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  owner_id TEXT NOT NULL,
  open_phone TEXT NOT NULL,
  status SMALLINT NOT NULL,
  open SMALLINT NOT NULL,
  grade SMALLINT NOT NULL,
  points BIGINT NOT NULL,
  created_us BIGINT NOT NULL,
  source TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  has_money SMALLINT NOT NULL,
  deleted SMALLINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE UNIQUE INDEX lead_phone ON lead (open_phone) WHERE open_phone <> '' AND deleted = 0;
CREATE INDEX lead_queue ON lead (owner_id, grade, points DESC, created_us, id);
CREATE INDEX lead_customer ON lead (customer_id, id);

CREATE TABLE holding (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  body {{bytes}} NOT NULL
);

CREATE TABLE opportunity (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  owner_id TEXT NOT NULL,
  customer_id TEXT NOT NULL,
  product_id TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  stage TEXT NOT NULL,
  stage_kind SMALLINT NOT NULL,
  source TEXT NOT NULL,
  stage_us BIGINT NOT NULL,
  has_money SMALLINT NOT NULL,
  deleted SMALLINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE INDEX opportunity_owner ON opportunity (owner_id, stage_kind, id);
CREATE INDEX opportunity_customer ON opportunity (customer_id, owner_id);
CREATE INDEX opportunity_stage_us ON opportunity (stage_us DESC, id DESC);

-- Each stay of a deal in a stage, by days of the company. open: the stage is an open one. leave_day
-- is far in the future while the deal is in it.
CREATE TABLE stage_entry (
  deal_id TEXT NOT NULL,
  n BIGINT NOT NULL,
  stage TEXT NOT NULL,
  open SMALLINT NOT NULL,
  enter_day BIGINT NOT NULL,
  leave_day BIGINT NOT NULL,
  PRIMARY KEY (deal_id, n)
);
CREATE INDEX stage_entry_stay ON stage_entry (open, enter_day, leave_day);

CREATE TABLE interaction (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  subject_id TEXT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE INDEX interaction_subject ON interaction (subject_id, id);

-- state is 1 while it runs.
CREATE TABLE handover (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  from_id TEXT NOT NULL,
  state SMALLINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE UNIQUE INDEX handover_running ON handover (from_id) WHERE state = 1;

-- Copy of the products of orders: what a deal needs when it is decided.
CREATE TABLE product_copy (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  line TEXT NOT NULL,
  list_price_minor BIGINT NOT NULL,
  deleted SMALLINT NOT NULL
);
