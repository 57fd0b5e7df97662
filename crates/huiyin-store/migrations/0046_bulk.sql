-- One command on many orders, carried out behind by the worker in the name of who asked: `fields` is what it is given with,
-- sealed, for it may hold words. Each row of it is carried out once, and says what it came to.
CREATE TABLE bulk (
    city TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL, command TEXT NOT NULL, fields BYTEA NOT NULL, back TEXT NOT NULL,
    state TEXT NOT NULL, made_at BIGINT NOT NULL, ended_at BIGINT,
    PRIMARY KEY (city, id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX bulk_running ON bulk (city, made_at, id) WHERE state = 'running';
CREATE INDEX bulk_of_person ON bulk (city, person, made_at);

-- `state` is `waiting`, `done` or `refused`; `fault` is why, as the refusal's JSON; `undo` is the command that takes it back.
CREATE TABLE bulk_row (
    city TEXT NOT NULL, bulk TEXT NOT NULL, place BIGINT NOT NULL, order_no TEXT NOT NULL, task BIGINT NOT NULL, command TEXT NOT NULL,
    given TEXT, state TEXT NOT NULL, fault TEXT, undo TEXT,
    PRIMARY KEY (city, bulk, place)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX bulk_row_state ON bulk_row (city, bulk, state, place);
