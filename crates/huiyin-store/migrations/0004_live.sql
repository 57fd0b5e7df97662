-- Rows of the consumer `live` say what changed, for the pages that are open: every node reads the last seconds of them, and
-- they are swept after a minute. Only they have a time.
ALTER TABLE feed ADD COLUMN at BIGINT;
CREATE INDEX feed_live ON feed (city, at) WHERE at IS NOT NULL;
