//! Chinese words for codes: states, refusals, kinds of thing. One place, so that every page says the same; what commands,
//! their fields and events are called stands in their rows in core.

mod events;
mod refusals;
mod said;

use huiyin_core::order::{
    Order, State, TaskState,
    table::{self, Who},
};

pub use events::{event, event_face};
pub use refusals::refusal;
pub use said::{instead, invalid, refused};

/// Looks a code up in a table.
fn of<'a>(table: &'a [(&'a str, &'a str)], code: &str) -> Option<&'a str> {
    table.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// The words of a code, or the code itself where it has none.
fn or_code<'a>(table: &'static [(&'static str, &'static str)], code: &'a str) -> &'a str {
    of(table, code).unwrap_or(code)
}

/// A command.
pub fn command(code: &str) -> &str {
    table::named(code).map_or(code, |row| row.zh)
}

/// A state of an order.
pub fn state(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("intake", "待受理"),
        ("registered", "待派单"),
        ("assigned", "办理中"),
        ("review", "待审核"),
        ("callback", "待回访"),
        ("closed", "已办结"),
        ("archived", "已归档"),
    ];
    or_code(WORDS, code)
}

/// Where an order stands, said for a reader: derived, never stored.
pub fn caption(order: &Order) -> String {
    match order.state {
        State::Assigned => {
            let at = order.holder().and_then(|holder| holder.task).and_then(|no| order.task(no));
            let approval = order.pending().any(|request| request.ask.code() == "approval");
            match at.map(|task| task.state) {
                _ if approval => "待领导审批",
                Some(TaskState::Delivered) => "待签收",
                _ => "办理中",
            }
            .to_owned()
        }
        State::Closed(how) | State::Archived(how) => format!("{} · {}", state(order.state.code()), outcome(how.code())),
        other => state(other.code()).to_owned(),
    }
}

/// A state of a task.
pub fn task_state(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("delivered", "待签收"),
        ("signed", "已签收"),
        ("accepted", "办理中"),
        ("fed-back", "已反馈"),
        ("done", "已完成"),
        ("returned", "已退回"),
        ("recalled", "已收回"),
    ];
    or_code(WORDS, code)
}

/// How an order ended.
pub fn outcome(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("answered", "直接答复"),
        ("handled", "办理完毕"),
        ("passed-on", "已转达"),
        ("refused", "不予受理"),
        ("transferred", "已转其他渠道"),
        ("withdrawn", "诉求人撤回"),
        ("merged", "已并入"),
        ("stopped", "已终止"),
    ];
    or_code(WORDS, code)
}

/// How pressing.
pub fn urgency(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[("normal", "一般"), ("urgent", "紧急"), ("emergency", "应急")];
    or_code(WORDS, code)
}

/// How it came in.
pub fn channel(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("phone", "电话"),
        ("letter", "信件"),
        ("fax", "传真"),
        ("email", "邮件"),
        ("sms", "短信"),
        ("mms", "彩信"),
        ("wechat", "微信"),
        ("weibo", "微博"),
        ("web", "网站"),
        ("voice", "语音留言"),
        ("visit", "来访"),
    ];
    or_code(WORDS, code)
}

/// The icon of a channel.
pub fn channel_icon(code: &str) -> &'static str {
    match code {
        "phone" => "phone-incoming",
        "letter" | "fax" => "file-pen-line",
        "email" => "file-text",
        "web" => "monitor",
        "voice" => "mic",
        "visit" => "users",
        _ => "message-square",
    }
}

/// A role of a post.
pub fn role(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("agent", "话务员"),
        ("office", "热线办"),
        ("subcentre", "区分中心"),
        ("officer", "信息采编员"),
        ("leader", "分管领导"),
        ("callback", "回访专员"),
        ("editor", "知识库编辑"),
        ("supervisor", "社会监督员"),
        ("mayor", "市领导"),
        ("admin", "系统管理员"),
    ];
    or_code(WORDS, code)
}

/// A unit's part in an order.
pub fn task_role(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[("lead", "主办"), ("assist", "协办")];
    or_code(WORDS, code)
}

/// What is asked.
pub fn ask(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("return", "申请退单"),
        ("extension", "申请延期"),
        ("pause", "申请挂起"),
        ("shelving", "申请挂账"),
        ("excuse", "申请免责"),
        ("approval", "报送答复"),
    ];
    or_code(WORDS, code)
}

/// How a request stands.
pub fn decision(code: &str) -> &str {
    const WORDS: &[(&str, &str)] =
        &[("asked", "待决定"), ("granted", "已同意"), ("refused", "不同意"), ("withdrawn", "已撤回")];
    or_code(WORDS, code)
}

/// What a claimant must be told.
pub fn told(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("accepted", "受理告知"),
        ("refused", "不予受理告知"),
        ("transferred", "转办告知"),
        ("extended", "延期告知"),
        ("shelved", "挂账告知"),
        ("hastened", "期限提前告知"),
        ("result", "结果告知"),
    ];
    or_code(WORDS, code)
}

/// A clock.
pub fn clock(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("dispatch", "派单时限"),
        ("accept", "受理时限"),
        ("close", "办结时限"),
        ("scene", "到场时限"),
        ("return", "退单窗口"),
        ("redispatch", "改派时限"),
        ("reply", "答复时限"),
        ("pause", "挂起至"),
        ("shelving", "挂账复查"),
        ("follow-up", "承诺跟进"),
        ("review", "审核时限"),
        ("callback", "回访时限"),
        ("contact", "联系时限"),
        ("remind", "超期提醒"),
        ("supervise", "转督办单"),
        ("leaders", "报值班领导"),
    ];
    or_code(WORDS, code)
}

/// A relation to another order.
pub fn relation(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("related", "相关"),
        ("split-from", "拆自"),
        ("split-into", "拆出"),
        ("reopens", "重新受理自"),
        ("reopened-by", "已重新受理为"),
        ("follows-up", "跟进"),
    ];
    or_code(WORDS, code)
}

/// A level of supervision.
pub fn supervision(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("urge", "催办"),
        ("order", "督办单"),
        ("joint", "联合督办"),
        ("interview", "约谈"),
        ("leading-group", "领导小组"),
    ];
    or_code(WORDS, code)
}

/// A desk item.
pub fn item(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("phone-notice", "电话通知应急指令"),
        ("tell", "告知诉求人"),
        ("withdraw", "与诉求人确认撤回"),
        ("relay", "转问诉求人"),
        ("follow-up", "承诺到期跟进"),
        ("overrun", "挂起或挂账到期"),
        ("phone-head", "致电单位负责人"),
        ("fix-owner", "确定责任单位"),
        ("mass-event", "群体性事件：核实并通报"),
        ("phone-leaders", "致电值班领导"),
        ("supervision-notice", "签发督办单"),
        ("call-duty-phone", "致电值班电话"),
    ];
    or_code(WORDS, code)
}

/// A unit of time.
pub fn span_unit(code: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[("minute", "分钟"), ("hour", "小时"), ("day", "天"), ("workday", "个工作日")];
    or_code(WORDS, code)
}

/// A field of a form: of a command, or of one of the other forms.
pub fn field(name: &str) -> &str {
    const WORDS: &[(&str, &str)] = &[
        ("text", "内容"),
        ("place", "地点"),
        ("unit", "单位"),
        ("into", "工单号"),
        ("other", "工单号"),
        ("at", "时间"),
        ("channel", "来源"),
        ("received_at", "收到时间"),
        ("purpose", "查看用途"),
        ("span", "时长"),
        ("claimant.name", "姓名"),
        ("claimant.phone", "电话"),
        ("claimant.email", "邮箱"),
        ("claimant.idno", "证件号"),
        ("claimant.address", "住址"),
        ("answers.contacted", "单位是否联系过"),
        ("answers.solved", "是否解决"),
        ("answers.satisfied", "满意度"),
        ("present", "当前密码"),
        ("password", "新密码"),
        ("code", "动态验证码"),
        ("phone", "电话"),
        ("desk", "受理单位"),
        ("file", "附件"),
        ("file", "附件"),
        ("files", "附件"),
    ];
    let of_a_command = || table::given().find_map(|row| row.field(name)).map(|field| field.zh);
    of(WORDS, name).or_else(of_a_command).unwrap_or(name)
}

/// What a forbidden action needs, as `huiyin_app` says it.
pub fn who(words: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("the call centre: the claimant asked for secrecy", "热线（诉求人要求保密）"),
        ("the call centre, the office or a sub-centre", "热线、热线办或区分中心"),
    ];
    if let Some(words) = of(WORDS, words) {
        return words.to_owned();
    }
    let zh = |part: &str| Who::ALL.iter().map(|who| who.words()).find(|(en, _)| *en == part).map(|(_, zh)| zh);
    words.split(" or ").map(|part| zh(part).unwrap_or(part)).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use huiyin_app::Role;
    use huiyin_core::order::{Channel, Outcome, State, TaskState, Told, Urgency, table};

    #[test]
    fn every_command_and_field_has_words() {
        for row in table::ROWS.iter().chain(table::given()) {
            assert!(!row.zh.is_empty() && !row.says().is_empty(), "no words for command `{}`", row.command);
            for field in row.takes {
                assert!(!field.zh.is_empty(), "no words for `{}.{}`", row.command, field.name);
            }
        }
    }

    #[test]
    fn every_code_of_an_order_has_words() {
        let missing = |words: &str, code: &str| assert_ne!(words, code, "no words for `{code}`");
        State::CODES.iter().for_each(|code| missing(super::state(code), code));
        Outcome::ALL.iter().for_each(|one| missing(super::outcome(one.code()), one.code()));
        Urgency::ALL.iter().for_each(|one| missing(super::urgency(one.code()), one.code()));
        Channel::ALL.iter().for_each(|one| missing(super::channel(one.code()), one.code()));
        TaskState::ALL.iter().for_each(|one| missing(super::task_state(one.code()), one.code()));
        Told::ALL.iter().for_each(|one| missing(super::told(one.code()), one.code()));
        Role::ALL.iter().for_each(|one| missing(super::role(one.code()), one.code()));
    }
}
