-- Open orders of one subject, for the hint that a matter is known already.
CREATE INDEX work_order_by_subject ON work_order (city, sealed, subject, due_sort, id);
