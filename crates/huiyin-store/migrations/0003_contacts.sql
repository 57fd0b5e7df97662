-- What a person decided about a contact that could not be read: set aside with a reason (`dismissed`), or waiting again.
ALTER TABLE contact ADD COLUMN reason TEXT;
ALTER TABLE contact ADD COLUMN note TEXT;
ALTER TABLE contact ADD COLUMN settled_at BIGINT;
ALTER TABLE contact ADD COLUMN settled_by TEXT;
