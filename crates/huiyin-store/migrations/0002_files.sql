-- Files given as evidence. What a file is stands in its content row, sealed into the journal by its code; here is what the
-- sweep and the lists ask: `digest` is the SHA-256 of the sealed bytes and their name in the object store, `thumb` that of
-- the small picture. `order_id` is null until a command names the file; one that none names is swept after a day.
CREATE TABLE file (
    city TEXT NOT NULL, id TEXT NOT NULL, order_id TEXT, person TEXT NOT NULL, digest TEXT NOT NULL, thumb TEXT,
    media TEXT NOT NULL, size BIGINT NOT NULL, sha256 TEXT NOT NULL, stored_at BIGINT NOT NULL,
    PRIMARY KEY (city, id)
);
CREATE INDEX file_by_order ON file (city, order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX file_loose ON file (city, stored_at, id) WHERE order_id IS NULL;
CREATE INDEX file_by_digest ON file (city, digest);
CREATE INDEX file_by_thumb ON file (city, thumb) WHERE thumb IS NOT NULL;
