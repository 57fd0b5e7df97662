-- Emergency modes that were declared. One that was ended early ended at `until_at`.
CREATE TABLE mode_period (
    city TEXT NOT NULL, id TEXT NOT NULL, mode TEXT NOT NULL, from_at BIGINT NOT NULL, until_at BIGINT NOT NULL,
    notice TEXT NOT NULL, declared_by TEXT NOT NULL, ended_by TEXT,
    PRIMARY KEY (city, id)
);
