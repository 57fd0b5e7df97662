-- Who of the unit works on a task; the unit answers for it all the same.
ALTER TABLE task ADD COLUMN handler TEXT;
CREATE INDEX task_by_handler ON task (city, handler, due_sort, order_id, no) WHERE handler IS NOT NULL;

-- Codes of the order's tags, a space between; few orders have any.
ALTER TABLE work_order ADD COLUMN tags TEXT;
CREATE INDEX work_order_tagged ON work_order (city, sealed, due_sort, id) WHERE tags IS NOT NULL;
