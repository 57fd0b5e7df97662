-- What the public pages keep.
-- A matter being written, sealed, under the digest of the browser's token; swept after a day.
CREATE TABLE portal_draft (
    city TEXT NOT NULL, id TEXT NOT NULL, sealed BYTEA NOT NULL, made_at BIGINT NOT NULL, until BIGINT NOT NULL,
    PRIMARY KEY (city, id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX portal_draft_by_end ON portal_draft (city, until);

-- Codes and links by which a claimant shows that an order is theirs: never themselves, only their HMAC. `round` is how often
-- the order had been redone when a link to rate it was given.
CREATE TABLE access (
    city TEXT NOT NULL, digest TEXT NOT NULL, what TEXT NOT NULL, order_id TEXT NOT NULL, claimant TEXT NOT NULL,
    round BIGINT NOT NULL, made_at BIGINT NOT NULL, until BIGINT NOT NULL,
    PRIMARY KEY (city, digest)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX access_by_order ON access (city, order_id, what, round);

-- Wrong tries of a code, by HMAC of the number and address they were made with, whether or not there is such an order.
CREATE TABLE access_try (
    city TEXT NOT NULL, who TEXT NOT NULL, wrong BIGINT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL,
    PRIMARY KEY (city, who)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX access_try_by_time ON access_try (city, since);
