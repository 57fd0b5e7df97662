# 批量办理的进度

bulk-again = 看看办到哪里了
bulk-all = 近期的批量办理
bulk-all-what = 近期您发起的
bulk-asked = { $at } 发起，共 { $n } 件
bulk-behind = 在后台逐件办理，可以离开本页；每件只办一次。
bulk-counts = 办成 { $done } 件，没有办成 { $refused } 件
bulk-ended = 已全部办完
bulk-fault = 系统出错，未办成；请单独办理这一件
bulk-first-refused = 只列前 500 件。
bulk-left = 还剩 { $n } 件
bulk-none = 近期没有批量办理
bulk-none-what = 在列表里选「筛出的全部」办理时，超过一页的在后台进行。
bulk-progress = 进度
bulk-refused = 没有办成的原因
bulk-running = 正在办理
bulk-stop = 停下剩余的
bulk-stopped = 已停下
