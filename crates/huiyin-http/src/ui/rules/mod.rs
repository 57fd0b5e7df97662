//! `/admin/rules`: the rules in force with their citations, and the versions that are to follow them.

mod browse;
mod version;

pub use browse::get;
pub use version::{approve, attempt, draft, edit, one, versions, withdraw};

use huiyin_app::{Role, policy::versions::PackVersion};
use huiyin_core::policy::{
    Pack,
    entries::{Entry, Value},
};

use super::{session::Ctx, show};

/// Who reads the rules as they are written, and writes others.
pub(super) const WHOSE: &[Role] = &[Role::Office, Role::Admin];

/// A section of a pack, in words; one without words is shown by its code.
fn section(code: &str) -> &str {
    match code {
        "pack" => "规则包",
        "calendar" => "日历",
        "holiday" => "放假安排",
        "business_hours" => "工作时间",
        "closure" => "临时停办",
        "source" => "依据文件",
        "parameter" => "参数",
        "area" => "区域",
        "unit_kind" => "单位类别",
        "unit" => "成员单位",
        "kind" => "诉求类型",
        "item" => "受理事项",
        "subject" => "事项",
        "reason" => "理由",
        "clock" => "时限",
        "no_clock" => "不计时限",
        "fact" => "办结事实",
        "closing" => "办结条件",
        "tell" => "告知",
        "route" => "派单",
        "forbid" => "不得派给",
        "lead" => "上下级主办",
        "approver" => "审批人",
        "ladder" => "督办阶梯",
        "mode" => "应急状态",
        "text" => "文字",
        "remove" => "取消上级规则",
        other => other,
    }
}

/// The same for a field.
fn field(code: &str) -> &str {
    match code {
        "what" => "含义",
        "from" => "自",
        "until" => "至",
        "amount" => "数额",
        "unit" => "单位",
        "value" => "取值",
        "start" => "起算",
        "stop" => "停止",
        "when" => "适用",
        "label" => "名称",
        "name" => "名称",
        "code" => "代码",
        "rule" => "规则",
        "level" => "层级",
        "cite" => "依据",
        "kind" | "kinds" => "类型",
        "lead" => "主办",
        "assist" => "协办",
        "subjects" => "事项",
        "document" => "文件",
        "number" => "文号",
        "issuer" => "发布机关",
        "issued" => "发布日期",
        "status" => "效力",
        "checked" => "核对日期",
        "breach" => "是否计超期",
        "warn" => "提前提醒",
        "urgency" => "紧急程度",
        "unit_kinds" => "单位类别",
        "sources" => "来源",
        "flags" => "标记",
        "territory" => "辖区",
        "parent" => "上级",
        "precedence" => "优先",
        other => other,
    }
}

/// A unit of time in words.
fn measure(code: &str) -> &str {
    match code {
        "minute" => "分钟",
        "hour" => "小时",
        "day" => "日",
        "workday" => "个工作日",
        "workhour" => "个工作小时",
        "workminute" => "个工作分钟",
        other => other,
    }
}

/// A citation as it is written, with the document's name and number.
fn cite(pack: &Pack, key: &str, article: &str) -> String {
    match pack.source(key) {
        Some(source) if source.number.is_empty() => format!("《{}》{article}", source.document),
        Some(source) => format!("{} {article}", source.number),
        None => format!("{key} {article}"),
    }
}

/// What an entry is called.
fn title(entry: &Entry) -> String {
    let text = |name: &str| entry.fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let label = entry.fields.get("label").and_then(|label| label.get("zh")).and_then(Value::as_str);
    let said = match entry.section.as_str() {
        "source" => text("document"),
        "route" => text("name"),
        "clock" | "parameter" => text("what"),
        _ => label.map(str::to_owned).or_else(|| text("name")).or_else(|| text("what")),
    };
    said.unwrap_or_else(|| entry.name.clone())
}

/// The state of a version, in words, and its colour.
fn state(ctx: &Ctx, version: &PackVersion) -> (&'static str, &'static str) {
    let today = ctx.site.app.zone().day(ctx.site.app.now());
    match (version.state.as_str(), version.from) {
        ("draft", _) if version.trial.is_none() => ("草案，待试算", "hold"),
        ("draft", _) => ("草案，待批准", "hold"),
        ("withdrawn", _) => ("已撤回", "hold"),
        (_, Some(from)) if from > today => ("已批准，待生效", "soon"),
        _ if ctx.site.app.rules.no == Some(version.no) => ("生效中", "ok"),
        _ if ctx.site.app.rules.wanted == Some(version.no) => ("不能读取，未生效", "over"),
        _ => ("已被取代或即将生效", "done"),
    }
}

/// A moment, as lists show it.
fn when(ctx: &Ctx, at: huiyin_core::time::Instant) -> String {
    show::near_moment(&ctx.site.app.pack, ctx.site.app.now(), at)
}
