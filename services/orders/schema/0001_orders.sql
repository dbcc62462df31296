CREATE TABLE product (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  name TEXT NOT NULL,
  line TEXT NOT NULL,
  has_price SMALLINT NOT NULL,
  deleted SMALLINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE INDEX product_name ON product (name, id);
