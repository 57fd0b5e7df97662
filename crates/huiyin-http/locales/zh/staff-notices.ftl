# 通知:新的、未读、要计入哪些

frame-bell = 通知，{ $n } 条未读
notice-asked = 有申请待决定
notice-assigned = 指定您承办
notice-decided = 申请有了结果
notice-delivered = 新派单
notice-emergency = 应急
notice-overdue = 超期
notice-recalled = 已收回
notice-redo = 重办
notice-sent-back = 退回补正
notice-soon = 临期提醒
notice-supervised = 督办
notice-supplement = 诉求人补充或催办
notices-always = 必收
notices-always-why = 应急、超期、督办、重办是职责所在，一直计入，不能关掉。
notices-choose = 计入哪些通知
notices-choose-what = 计入铃上的未读数；不计入的仍列在通知页
notices-new = 新
notices-news = 新消息
notices-news-empty = 近两周没有消息
notices-news-what = 近两周与您岗位有关的；自己做的不列
notices-none-unread = 都读过了
notices-read-all = 全部标为已读
notices-said-chosen = 通知设置已保存
notices-said-read = 已全部标为已读
notices-unread = { $n } 条未读
