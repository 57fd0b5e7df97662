# Notices: what is new, what is read, what is counted

frame-bell = Notices, { $n } unread
notice-asked = Request to decide
notice-assigned = Given to you
notice-decided = Request decided
notice-delivered = New order
notice-emergency = Emergency
notice-overdue = Overdue
notice-recalled = Recalled
notice-redo = Redo
notice-sent-back = Sent back
notice-soon = Due soon
notice-supervised = Supervised
notice-supplement = Claimant added or urged
notices-always = always
notices-always-why = Emergencies, missed limits, supervision and redos are your duty: they are always counted and cannot be switched off.
notices-choose = Which notices are counted
notices-choose-what = in the number on the bell; the others still stand on the page of notices
notices-new = New
notices-news = News
notices-news-empty = Nothing in the last two weeks
notices-news-what = of your posts, in the last two weeks; not what you did yourself
notices-none-unread = All read
notices-read-all = Mark all as read
notices-said-chosen = Your choice of notices is kept
notices-said-read = All marked as read
notices-unread = { $n } unread
