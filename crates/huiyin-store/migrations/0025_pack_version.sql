-- Versions of the city's rules brought in while the program runs: written by one person, tried on past orders, approved by
-- another, in force from a day on. `files` is the text of every file by its name, as JSON; none of it is ever changed.
CREATE TABLE pack_version (
    city TEXT NOT NULL, no BIGINT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, version TEXT NOT NULL, checksum TEXT NOT NULL,
    made_by TEXT NOT NULL, made_at BIGINT NOT NULL, trial TEXT, decided_by TEXT, decided_at BIGINT, from_day BIGINT,
    files TEXT NOT NULL,
    PRIMARY KEY (city, no)
);
CREATE INDEX pack_version_approved ON pack_version (city, from_day, no) WHERE state = 'approved';
