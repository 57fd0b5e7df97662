-- What registered matters are alike by (`key`, by a rule of the pack): many claimants under one key within its window look
-- like one event. Filled from the feed's rows of the consumer `alike`.
CREATE TABLE alike (
    city TEXT NOT NULL, key TEXT NOT NULL, at BIGINT NOT NULL, order_id TEXT NOT NULL,
    PRIMARY KEY (city, key, at, order_id)
) /*sqlite: WITHOUT ROWID */;
