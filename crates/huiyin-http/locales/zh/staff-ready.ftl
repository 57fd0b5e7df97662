# 就绪与备案

ready-by = 经办
ready-filed = 提交备案
ready-history = 备案记录
ready-history-empty = 还没有备案。
ready-history-scroll = 备案记录，可滚动
ready-lack = { $lack }（{ $cite }）
ready-not = 未就绪：{ $lacks }；照常可派
ready-of = 涉及人员
ready-received = 收到回执 { $receipt }
ready-still = 未就绪：{ $lack }，照常可派
ready-tag = 未就绪
ready-what = 事项
ready-when = 时间
ready-whose = { $name }（{ $position }）
