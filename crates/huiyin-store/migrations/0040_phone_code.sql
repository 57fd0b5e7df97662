-- Codes sent to a phone so that whoever holds it may follow its orders: sealed, under the HMAC of the number, one at a time.
-- `waits` until the program has sent it. A row is kept for a number of which nothing is known too, and never sent.
CREATE TABLE phone_code (
    city TEXT NOT NULL, who TEXT NOT NULL, sealed BYTEA NOT NULL, until BIGINT NOT NULL, waits BOOLEAN NOT NULL,
    PRIMARY KEY (city, who)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX phone_code_waiting ON phone_code (city, waits, until);
