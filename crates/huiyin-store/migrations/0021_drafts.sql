-- What a person has begun to write and not sent: sealed, for it may name people. `form` says where it is written, `order_no`
-- on which order, `seq` counts the savings, so that two places writing the same are told apart.
CREATE TABLE draft (
    city TEXT NOT NULL, person TEXT NOT NULL, id TEXT NOT NULL, form TEXT NOT NULL, order_no TEXT NOT NULL,
    sealed BYTEA NOT NULL, seq BIGINT NOT NULL, saved_at BIGINT NOT NULL,
    PRIMARY KEY (city, person, id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX draft_by_order ON draft (city, person, order_no, saved_at);

-- Filters a person has given a name: the address of a list.
CREATE TABLE saved_view (
    city TEXT NOT NULL, person TEXT NOT NULL, id TEXT NOT NULL, page TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, made_at BIGINT NOT NULL,
    PRIMARY KEY (city, person, id)
) /*sqlite: WITHOUT ROWID */;
