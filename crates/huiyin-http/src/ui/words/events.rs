//! Names of journal events for the timeline, and the face each has there.

/// The words for an event's name.
const EVENTS: &[(&str, &str, &str, &str)] = &[
    // name, words, icon, group: `flow` moves the order, `talk` is with the claimant, `clock` is a limit
    ("order.taken-in", "收件", "inbox", "flow"),
    ("order.registered", "登记受理", "file-pen-line", "flow"),
    ("order.corrected", "更正", "square-pen", "flow"),
    ("order.redacted", "整理单位可见内容", "lock", "flow"),
    ("order.linked", "关联工单", "copy", "flow"),
    ("order.absorbed", "其他工单并入", "copy", "flow"),
    ("order.released", "解除并入", "copy", "flow"),
    ("order.merged", "并入其他工单", "copy", "flow"),
    ("order.unmerged", "撤销并入", "rotate-ccw", "flow"),
    ("part.withdrawn", "诉求人撤回", "rotate-ccw", "talk"),
    ("order.supplemented", "诉求人补充情况", "message-square-plus", "talk"),
    ("order.files-attached", "附件", "paperclip", "flow"),
    ("order.supplement-acknowledged", "单位已阅补充", "check", "flow"),
    ("order.urged", "诉求人催办", "bell", "talk"),
    ("order.supervised", "督办", "sup", "flow"),
    ("order.supervision-lifted", "解除督办", "flag", "flow"),
    ("order.difficult", "疑难库", "archive", "flow"),
    ("order.held", "证据保全", "archive", "flow"),
    ("order.sealed", "封存", "lock", "flow"),
    ("order.pinned", "适用规则确定", "book-open", "clock"),
    ("task.delivered", "派单", "split", "flow"),
    ("task.commanded", "下达应急指令", "siren", "flow"),
    ("task.phoned", "电话通知已确认", "phone-call", "flow"),
    ("task.signed", "签收", "check", "flow"),
    ("task.accepted", "单位受理", "circle-check", "flow"),
    ("task.progressed", "进展", "message-square", "flow"),
    ("task.contacted", "联系诉求人", "phone-outgoing", "talk"),
    ("task.relay-asked", "请热线转问诉求人", "message-square", "talk"),
    ("task.relay-answered", "诉求人答复转达", "message-square-reply", "talk"),
    ("task.on-scene", "到达现场", "map-pin", "flow"),
    ("task.made-safe", "险情已排除", "circle-check", "flow"),
    ("task.situation-reported", "现场情况报告", "radio-tower", "flow"),
    ("task.fed-back", "办结反馈", "message-square-reply", "flow"),
    ("task.sent-back", "退回补正", "rotate-ccw", "flow"),
    ("task.done", "任务完成", "check", "flow"),
    ("task.returned", "退单", "rotate-ccw", "flow"),
    ("task.recalled", "收回", "rotate-ccw", "flow"),
    ("task.ruled", "裁定由该单位办理", "gavel", "flow"),
    ("request.asked", "提出申请", "calendar-clock", "flow"),
    ("request.decided", "决定申请", "gavel", "flow"),
    ("clock.started", "时限开始", "clock", "clock"),
    ("clock.halted", "时限暂停待审", "pause", "clock"),
    ("clock.unhalted", "时限继续计算", "play", "clock"),
    ("clock.paused", "时限挂起", "hold", "clock"),
    ("clock.resumed", "时限恢复", "play", "clock"),
    ("clock.extended", "时限延长", "calendar-clock", "clock"),
    ("clock.stopped", "时限停止", "done", "clock"),
    ("clock.cancelled", "时限取消", "x", "clock"),
    ("clock.fired", "时限提醒", "soon", "clock"),
    ("clock.excused", "时限免责", "badge-check", "clock"),
    ("duty.owed", "应告知诉求人", "bell", "talk"),
    ("duty.told", "已告知诉求人", "phone-outgoing", "talk"),
    ("order.passed", "审核通过", "badge-check", "flow"),
    ("callback.missed", "回访未接通", "phone-missed", "talk"),
    ("callback.answered", "回访", "phone-outgoing", "talk"),
    ("callback.waived", "免回访", "phone-off", "talk"),
    ("order.redone", "退回重办", "rotate-ccw", "flow"),
    ("order.entry-used", "引用知识条目", "book-open", "flow"),
    ("order.closed", "办结", "done", "flow"),
    ("order.archived", "归档", "archive", "flow"),
];

/// The words for an event.
pub fn event(name: &str) -> &str {
    EVENTS.iter().find(|(known, ..)| *known == name).map_or(name, |(_, words, ..)| words)
}

/// Its icon, and `flow`, `talk` or `clock`.
pub fn event_face(name: &str) -> (&'static str, &'static str) {
    EVENTS.iter().find(|(known, ..)| *known == name).map_or(("info", "flow"), |(_, _, icon, group)| (icon, group))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_event_has_words() {
        for name in huiyin_core::order::Event::CODES {
            assert_ne!(super::event(name), *name, "no words for event `{name}`");
        }
    }
}
