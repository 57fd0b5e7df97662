-- One text for both engines. Every table carries the city first, in every key. Instants are UTC milliseconds,
-- days are integers such as 20261123 in the city's zone, JSON is text that SQL never opens. A comment that begins with
-- `sqlite:` is read by SQLite as text: its tables of short rows lie in the order of their key, one tree instead of two.

-- Settings and versions by name: the key check, the pack in force, the version of the register.
CREATE TABLE setting (
    city TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, version BIGINT NOT NULL,
    PRIMARY KEY (city, name)
);

-- What came in, raw and first: acknowledged only once it stands here.
CREATE TABLE contact (
    city TEXT NOT NULL, id TEXT NOT NULL, channel TEXT NOT NULL, external_id TEXT,
    received_at BIGINT NOT NULL, stored_at BIGINT NOT NULL, raw TEXT NOT NULL, order_id TEXT, state TEXT NOT NULL, fault TEXT,
    PRIMARY KEY (city, id)
) /*sqlite: WITHOUT ROWID */;
-- What a channel numbers comes in once; a call has no number.
CREATE UNIQUE INDEX contact_by_external ON contact (city, channel, external_id) WHERE external_id IS NOT NULL;
-- Nobody asks for those that have become orders.
CREATE INDEX contact_by_state ON contact (city, state, stored_at, id) WHERE state <> 'opened';

-- Texts, raw contacts and pictures, each with the wrapped key its code in the journal was made under.
CREATE TABLE content (
    city TEXT NOT NULL, id TEXT NOT NULL, order_id TEXT, what TEXT NOT NULL, body BYTEA, wrapped_key BYTEA, stored_at BIGINT NOT NULL,
    PRIMARY KEY (city, id)
);
CREATE INDEX content_by_order ON content (city, order_id);

-- Identities, sealed. The lookup columns hold HMACs, never numbers.
CREATE TABLE claimant (
    city TEXT NOT NULL, id TEXT NOT NULL, order_id TEXT NOT NULL, sealed BYTEA NOT NULL, phone BYTEA, idno BYTEA, email BYTEA, stored_at BIGINT NOT NULL,
    PRIMARY KEY (city, id)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX claimant_by_phone ON claimant (city, phone) WHERE phone IS NOT NULL;
CREATE INDEX claimant_by_idno ON claimant (city, idno) WHERE idno IS NOT NULL;

-- One matter. `body` is the whole order as the last event left it; the columns are what lists filter and sort by.
-- `due` is 9000000000000000 where no case limit runs. `due_sort` is `due` while the order is open and 9000000000000001
-- after, so that one index by it gives the open orders by their limits, then the others, and a condition on `is_open` is
-- a range of it.
CREATE TABLE work_order (
    city TEXT NOT NULL, id TEXT NOT NULL, no TEXT NOT NULL, seq BIGINT NOT NULL, state TEXT NOT NULL, outcome TEXT,
    kind TEXT, subject TEXT, urgency TEXT NOT NULL, area TEXT, channel TEXT NOT NULL,
    holder TEXT, holder_task BIGINT, desk TEXT NOT NULL, lies_with TEXT NOT NULL, target TEXT,
    is_open BOOLEAN NOT NULL, secret BOOLEAN NOT NULL, sealed BOOLEAN NOT NULL, supervised BOOLEAN NOT NULL, difficult BOOLEAN NOT NULL,
    asked TEXT, redo BIGINT NOT NULL, urges BIGINT NOT NULL, missed BOOLEAN NOT NULL,
    due BIGINT NOT NULL, due_sort BIGINT NOT NULL, provisional BOOLEAN NOT NULL,
    received_at BIGINT NOT NULL, taken_in_at BIGINT NOT NULL, closed_at BIGINT, day BIGINT NOT NULL, closed_day BIGINT,
    title TEXT, merged_into TEXT, hash TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (city, id), UNIQUE (city, no)
);
-- Every list asks for `sealed`, so that it and the counts beside it find all they ask in the index.
CREATE INDEX work_order_by_due ON work_order (city, sealed, due_sort, id);
CREATE INDEX work_order_by_state ON work_order (city, sealed, state, due_sort, id);
CREATE INDEX work_order_by_kind ON work_order (city, sealed, kind, due_sort, id);
CREATE INDEX work_order_by_area ON work_order (city, sealed, area, due_sort, id);
CREATE INDEX work_order_by_taken_in ON work_order (city, sealed, taken_in_at, id);
-- What few orders have is indexed for these few.
CREATE INDEX work_order_by_holder ON work_order (city, sealed, holder, due_sort, id) WHERE holder IS NOT NULL;
CREATE INDEX work_order_by_asked ON work_order (city, sealed, asked, due_sort, id) WHERE asked IS NOT NULL;
CREATE INDEX work_order_not_normal ON work_order (city, sealed, urgency, due_sort, id) WHERE urgency <> 'normal';
CREATE INDEX work_order_missed ON work_order (city, sealed, due_sort, id) WHERE missed;
CREATE INDEX work_order_supervised ON work_order (city, sealed, due_sort, id) WHERE supervised;
CREATE INDEX work_order_difficult ON work_order (city, sealed, due_sort, id) WHERE difficult;
CREATE INDEX work_order_closed ON work_order (city, id) WHERE state = 'closed';
CREATE INDEX work_order_by_merged ON work_order (city, merged_into) WHERE merged_into IS NOT NULL;

-- The units an order concerns: it lies with them, they took it in, or had a task of it. A unit's list is read from here.
CREATE TABLE order_unit (
    city TEXT NOT NULL, order_id TEXT NOT NULL, unit TEXT NOT NULL, due_sort BIGINT NOT NULL, taken_in_at BIGINT NOT NULL,
    PRIMARY KEY (city, order_id, unit)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX order_unit_by_due ON order_unit (city, unit, due_sort, order_id);
CREATE INDEX order_unit_by_taken_in ON order_unit (city, unit, taken_in_at, order_id);

-- The order at one unit; `due_sort` as above, by whether the unit still owes something.
CREATE TABLE task (
    city TEXT NOT NULL, order_id TEXT NOT NULL, no BIGINT NOT NULL, unit TEXT NOT NULL, parent BIGINT, role TEXT NOT NULL,
    state TEXT NOT NULL, is_open BOOLEAN NOT NULL, is_first BOOLEAN NOT NULL, redo BIGINT NOT NULL,
    delivered_at BIGINT NOT NULL, due BIGINT NOT NULL, due_sort BIGINT NOT NULL, missed BOOLEAN NOT NULL, asked TEXT,
    PRIMARY KEY (city, order_id, no)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX task_by_unit ON task (city, unit, due_sort, order_id, no);
CREATE INDEX task_by_unit_state ON task (city, unit, state, due_sort, order_id, no);
CREATE INDEX task_by_unit_time ON task (city, unit, delivered_at, order_id, no);

-- Running limits. `next_at` is the next moment somebody is to be told of: these rows are the timers.
CREATE TABLE clock (
    city TEXT NOT NULL, order_id TEXT NOT NULL, no BIGINT NOT NULL, name TEXT NOT NULL, level TEXT NOT NULL, task BIGINT,
    standing TEXT NOT NULL, state TEXT NOT NULL, started_at BIGINT NOT NULL, due BIGINT NOT NULL, provisional BOOLEAN NOT NULL,
    missed_at BIGINT, next_at BIGINT, next_moment TEXT,
    PRIMARY KEY (city, order_id, no)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX clock_provisional ON clock (city, order_id) WHERE provisional;
CREATE INDEX clock_by_next ON clock (city, next_at, order_id, no) WHERE next_at IS NOT NULL;

-- Requests beside tasks.
CREATE TABLE request (
    city TEXT NOT NULL, order_id TEXT NOT NULL, no BIGINT NOT NULL, task BIGINT NOT NULL, unit TEXT NOT NULL, ask TEXT NOT NULL,
    decision TEXT NOT NULL, asked_at BIGINT NOT NULL, decided_at BIGINT,
    PRIMARY KEY (city, order_id, no)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX request_by_decision ON request (city, decision, asked_at, order_id, no);

-- What claimants must be told. The columns from `sending` on are the outbox: `queued`, `sent`, `accepted`, `delivered`,
-- `failed`, `to-person`; it never moves back, and no rebuild makes it.
CREATE TABLE duty (
    city TEXT NOT NULL, order_id TEXT NOT NULL, no BIGINT NOT NULL, what TEXT NOT NULL, claimant TEXT NOT NULL,
    owed_at BIGINT NOT NULL, told_at BIGINT, impossible BOOLEAN NOT NULL,
    sending TEXT NOT NULL DEFAULT 'queued', carrier TEXT, receipt TEXT, attempts BIGINT NOT NULL DEFAULT 0, next_at BIGINT NOT NULL DEFAULT 0, fault TEXT,
    PRIMARY KEY (city, order_id, no)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX duty_to_send ON duty (city, sending, next_at) WHERE told_at IS NULL;
CREATE INDEX duty_by_receipt ON duty (city, carrier, receipt) WHERE receipt IS NOT NULL;

-- The journal: append-only, hash-chained per order.
CREATE TABLE event (
    city TEXT NOT NULL, order_id TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, day BIGINT NOT NULL,
    person TEXT NOT NULL, unit TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (city, order_id, seq)
);

-- Signed summaries of the journal: every event is under exactly one.
CREATE TABLE checkpoint (
    city TEXT NOT NULL, no BIGINT NOT NULL, at BIGINT NOT NULL, entries BIGINT NOT NULL, digest TEXT NOT NULL, signature BYTEA NOT NULL,
    PRIMARY KEY (city, no)
);
-- What lies under them: events of an order from `seq` to `last`.
CREATE TABLE checkpoint_entry (
    city TEXT NOT NULL, order_id TEXT NOT NULL, seq BIGINT NOT NULL, last BIGINT NOT NULL, checkpoint BIGINT NOT NULL,
    PRIMARY KEY (city, order_id, seq)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX checkpoint_entry_by_checkpoint ON checkpoint_entry (city, checkpoint, order_id, seq);

-- What consumers still have to look at; each claims and deletes its own rows.
CREATE TABLE feed (
    city TEXT NOT NULL, consumer TEXT NOT NULL, order_id TEXT NOT NULL, seq BIGINT NOT NULL,
    PRIMARY KEY (city, consumer, order_id, seq)
) /*sqlite: WITHOUT ROWID */;

-- Commands already carried out, by their key: the same key gives the first answer again.
CREATE TABLE idempotency (
    city TEXT NOT NULL, person TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, answer TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (city, person, key)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX idempotency_by_time ON idempotency (city, at);

-- Refused attempts: they changed nothing.
CREATE TABLE attempt (
    city TEXT NOT NULL, id TEXT NOT NULL, order_id TEXT, person TEXT NOT NULL, command TEXT NOT NULL, code TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (city, id)
);
CREATE INDEX attempt_by_order ON attempt (city, order_id, at);

-- Who read which identity, and why.
CREATE TABLE reveal (
    city TEXT NOT NULL, id TEXT NOT NULL, order_id TEXT NOT NULL, claimant TEXT NOT NULL, person TEXT NOT NULL, field TEXT NOT NULL,
    purpose TEXT NOT NULL, at BIGINT NOT NULL,
    PRIMARY KEY (city, id)
);
CREATE INDEX reveal_by_order ON reveal (city, order_id, at);

-- Blocks of order numbers leased to a node for a day.
CREATE TABLE number_block (
    city TEXT NOT NULL, day BIGINT NOT NULL, taken BIGINT NOT NULL,
    PRIMARY KEY (city, day)
);

-- Anything else a person must do: `tell`, `phone-notice`, `relay`, `follow-up`, `alert`.
CREATE TABLE desk_item (
    city TEXT NOT NULL, id TEXT NOT NULL, order_id TEXT NOT NULL, what TEXT NOT NULL, unit TEXT NOT NULL, task BIGINT, duty BIGINT,
    created_at BIGINT NOT NULL, due BIGINT NOT NULL, done_at BIGINT, person TEXT, note TEXT, dedupe TEXT NOT NULL,
    PRIMARY KEY (city, id), UNIQUE (city, dedupe)
) /*sqlite: WITHOUT ROWID */;
CREATE INDEX desk_item_by_unit ON desk_item (city, unit, done_at, due, id);
CREATE INDEX desk_item_by_order ON desk_item (city, order_id);

-- One holder at a time for work that must not run twice.
CREATE TABLE lease (
    city TEXT NOT NULL, name TEXT NOT NULL, holder TEXT NOT NULL, until BIGINT NOT NULL,
    PRIMARY KEY (city, name)
) /*sqlite: WITHOUT ROWID */;

-- The register of units; `body` is the unit as core knows it.
CREATE TABLE unit (
    city TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, parent TEXT, from_day BIGINT NOT NULL, until_day BIGINT, body TEXT NOT NULL,
    PRIMARY KEY (city, id)
);

-- Persons who work with the system. `totp` is the sealed secret in use, `totp_pending` one not yet confirmed, `totp_step`
-- the last time step a code was taken for: an older or equal one is a replay.
CREATE TABLE person (
    city TEXT NOT NULL, id TEXT NOT NULL, login TEXT NOT NULL, name TEXT NOT NULL, phone TEXT,
    password TEXT, must_change BOOLEAN NOT NULL, totp BYTEA, totp_pending BYTEA, totp_step BIGINT NOT NULL DEFAULT 0,
    active BOOLEAN NOT NULL, created_at BIGINT NOT NULL,
    PRIMARY KEY (city, id), UNIQUE (city, login)
);

-- Failed sign-ins by HMAC of the login, whether a person has it or not, so that a guesser cannot tell.
CREATE TABLE sign_in_failure (
    city TEXT NOT NULL, login BYTEA NOT NULL, failures BIGINT NOT NULL, locked_until BIGINT, seen_at BIGINT NOT NULL,
    PRIMARY KEY (city, login)
);
CREATE INDEX sign_in_failure_by_time ON sign_in_failure (city, seen_at);

-- Dated posts: a person in a unit, with a role, as what (leading-group, head, deputy, handler, staff) and on which terms
-- (own, seconded, supplier). `filing_due` is set while the last change has to be filed; the office answers with a receipt.
CREATE TABLE post (
    city TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL, unit TEXT NOT NULL, role TEXT NOT NULL, position TEXT NOT NULL,
    terms TEXT NOT NULL, employer TEXT, from_day BIGINT NOT NULL, until_day BIGINT, changed_at BIGINT NOT NULL,
    filing_due BIGINT, filed_at BIGINT, filed_by TEXT, receipt TEXT, received_at BIGINT,
    PRIMARY KEY (city, id)
);
CREATE INDEX post_by_person ON post (city, person);
CREATE INDEX post_by_unit ON post (city, unit);
CREATE INDEX post_unfiled ON post (city, filing_due) WHERE filed_at IS NULL;
CREATE INDEX post_unreceived ON post (city, filed_at) WHERE received_at IS NULL;

-- Who approves in a leader's place, for a dated period.
CREATE TABLE delegation (
    city TEXT NOT NULL, id TEXT NOT NULL, unit TEXT NOT NULL, from_person TEXT NOT NULL, to_person TEXT NOT NULL,
    from_day BIGINT NOT NULL, until_day BIGINT NOT NULL, created_at BIGINT NOT NULL, ended_at BIGINT,
    PRIMARY KEY (city, id)
);
CREATE INDEX delegation_by_unit ON delegation (city, unit);
CREATE INDEX delegation_by_person ON delegation (city, to_person);

-- Duty phones: `day`, `night`, `holiday`; the substitute is called when the first does not answer.
CREATE TABLE roster (
    city TEXT NOT NULL, id TEXT NOT NULL, unit TEXT NOT NULL, shift TEXT NOT NULL, from_day BIGINT NOT NULL, until_day BIGINT,
    who TEXT NOT NULL, phone TEXT NOT NULL, substitute TEXT, substitute_phone TEXT,
    PRIMARY KEY (city, id)
);
CREATE INDEX roster_by_unit ON roster (city, unit, shift);

-- Signed-in browsers, and tokens of programs: only digests are kept.
CREATE TABLE session (
    city TEXT NOT NULL, digest TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL, csrf TEXT NOT NULL,
    created_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, until BIGINT NOT NULL, agent TEXT NOT NULL,
    PRIMARY KEY (city, digest)
);
CREATE INDEX session_by_person ON session (city, person);
CREATE INDEX session_by_end ON session (city, until);
CREATE TABLE token (
    city TEXT NOT NULL, digest TEXT NOT NULL, id TEXT NOT NULL, person TEXT NOT NULL, scopes TEXT NOT NULL, created_at BIGINT NOT NULL, until BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (city, digest)
);
CREATE INDEX token_by_person ON token (city, person);

-- Changes of people, units, packs, settings: chains of their own, one per subject.
CREATE TABLE register_event (
    city TEXT NOT NULL, chain TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL,
    body TEXT NOT NULL, hash TEXT NOT NULL,
    PRIMARY KEY (city, chain, seq)
);
