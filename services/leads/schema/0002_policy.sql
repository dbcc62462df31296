-- Open deals by the stage that they stand in: what a new version of a pipeline is asked against.
CREATE INDEX opportunity_standing ON opportunity (pipeline, stage, id)
  WHERE stage_kind = 1 AND deleted = 0;

-- The version of each policy by which the open leads and deals were last gone through, and the last
-- record that was; after is '' when all were.
CREATE TABLE policy_applied (
  kind TEXT PRIMARY KEY,
  version BIGINT NOT NULL,
  target BIGINT NOT NULL,
  after TEXT NOT NULL
);
