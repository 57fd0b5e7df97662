-- What happened that a person may want to know of, for whoever has a post at the unit: `whose` says which posts (`unit`,
-- `leader`, `desk`), `person` names one of them alone. It is told from the journal as it is written, and swept after two weeks;
-- until when a person has read, and which kinds are not counted, are settings of the person.
CREATE TABLE notice (
    city TEXT NOT NULL, id TEXT NOT NULL, unit TEXT NOT NULL, whose TEXT NOT NULL, person TEXT, kind TEXT NOT NULL,
    order_id TEXT NOT NULL, made_by TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (city, id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX notice_of_unit ON notice (city, unit, at);
