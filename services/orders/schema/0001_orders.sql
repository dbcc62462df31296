CREATE TABLE product (
  id TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  occurred_us BIGINT NOT NULL,
  line TEXT NOT NULL,
  has_money SMALLINT NOT NULL,
  deleted SMALLINT NOT NULL,
  body {{bytes}} NOT NULL
);
CREATE INDEX product_line ON product (line, id);
