# How far a bulk command is

bulk-again = See how far it is
bulk-all = Bulk commands of late
bulk-all-what = that you have given of late
bulk-asked = asked { $at }, { $n } orders
bulk-behind = It goes on behind, order by order, each once; you may leave this page.
bulk-counts = { $done } done, { $refused } not done
bulk-ended = All done
bulk-fault = A fault of the system; handle this one by itself
bulk-first-refused = Only the first 500 are listed.
bulk-left = { $n } left
bulk-none = No bulk commands of late
bulk-none-what = What is given on all that a filter finds goes on behind where it is more than a page.
bulk-progress = Progress
bulk-refused = Why it was not done
bulk-running = Under way
bulk-stop = Stop the rest
bulk-stopped = Stopped
