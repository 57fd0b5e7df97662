-- What a person has set for their own pages: columns of a list, its order, what they want to be told of.
CREATE TABLE person_setting (
    city TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (city, person, name)
) /*sqlite: WITHOUT ROWID */;

-- Who else sees a saved view: the persons of a unit, or with `*` everybody; with nothing it is its person's own.
ALTER TABLE saved_view ADD COLUMN shared TEXT;
CREATE INDEX saved_view_shared ON saved_view (city, page, shared) WHERE shared IS NOT NULL;
