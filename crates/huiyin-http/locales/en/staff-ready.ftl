# Readiness and filing

ready-by = By
ready-filed = Filed
ready-history = Filings
ready-history-empty = Nothing is filed yet.
ready-history-scroll = Filings, scrollable
ready-lack = { $lack } ({ $cite })
ready-not = Not ready: { $lacks }; it can be dispatched to all the same
ready-of = Whose
ready-received = Receipt { $receipt }
ready-still = Not ready: { $lack }; it can be dispatched to all the same
ready-tag = Not ready
ready-what = What
ready-when = When
ready-whose = { $name } ({ $position })
