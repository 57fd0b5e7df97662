-- Settings of a city, by name.
CREATE TABLE setting (
    city TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT,
    version BIGINT NOT NULL,
    PRIMARY KEY (city, name)
);
