//! What an error says in Chinese: to staff on a page, to a program that asks for it.

use huiyin_core::{order::Refusal, organisation::Organisation, policy::Pack};

use super::{command, field, refusal as words_of, state, task_state};

/// Why a command was refused, and what would be accepted instead.
pub fn refused(pack: &Pack, org: &Organisation, refusal: &Refusal) -> (String, Vec<String>) {
    let why = words_of(&refusal.code).map_or_else(|| refusal.why.clone(), str::to_owned);
    let instead: Vec<String> = refusal.instead.iter().map(|code| instead(pack, org, code)).collect();
    if refusal.code == "close.facts_missing" {
        return (format!("{why}，还缺：{}", instead.join("、")), Vec::new());
    }
    (why, instead)
}

/// What would be accepted: a unit, a fact, a command, a state, a field; else the code itself.
pub fn instead(pack: &Pack, org: &Organisation, code: &str) -> String {
    if let Some(unit) = org.unit(&code.into()) {
        return unit.name.clone();
    }
    if let Some(fact) = pack.fact(code) {
        return pack.in_language(&fact.label, "zh").unwrap_or(code).to_owned();
    }
    for words in [command(code), task_state(code), state(code), field(code)] {
        if words != code {
            return words.to_owned();
        }
    }
    match code {
        "a shorter extension" => "较短的延期".into(),
        "transfer with `answered_at`" => "填写对方接听时间后转出".into(),
        other => other.to_owned(),
    }
}

/// A fault of the input in the reader's words.
pub fn invalid(of: &str, message: &str) -> String {
    let name = field(of.trim_start_matches("facts."));
    if message.contains("missing field") {
        return format!("请填写{name}");
    }
    if message.starts_with("write a day") || message.contains("is not a day") {
        return format!("{name}：请写日期，如 2026-10-12");
    }
    if message.starts_with("write a time") || message.contains("is not a time") {
        return format!("{name}：请写时间，如 2026-10-12 09:00");
    }
    if matches!(of, "file" | "files") {
        return match message {
            _ if message.starts_with("its content is") => {
                "内容不是可接收的类型（jpg png heic pdf docx xlsx mp4 amr），改扩展名无效".into()
            }
            _ if message.contains("did not arrive whole") => "没有传完整，请重新选择".into(),
            _ if message.contains("is empty") => "文件是空的".into(),
            _ if message.contains("damaged") => "图片已损坏，请重新拍摄或保存".into(),
            _ => format!("{name}：已失效或重复，请重新选择"),
        };
    }
    if message.contains("no order of this number") || message.starts_with("name the other order") {
        return format!("{name}：没有这个工单号，或不在您可查看的范围内");
    }
    if message.contains("at most") && message.contains("characters") {
        return format!("{name}：字数超过上限");
    }
    if message.contains("control character") {
        return format!("{name}：含有不可见的控制字符，请删去");
    }
    if message.starts_with("write what the matter is") || message.starts_with("write what this part") {
        return "请写明诉求内容".into();
    }
    if message.contains("lies in the future") {
        return format!("{name}：不能晚于现在");
    }
    if message.starts_with("name one of your open tasks") {
        return "您有多个在办任务，请指明是哪一个".into();
    }
    if message.contains("not a phone number") {
        return format!("{name}：不是电话号码，请写手机号码，或加区号的固定电话号码");
    }
    if message.starts_with("unknown field") {
        return format!("没有「{name}」这一项，请删去");
    }
    if message.starts_with("this is not JSON") {
        return "提交的不是 JSON".into();
    }
    if message.contains("send a JSON object") {
        return "请提交一个 JSON 对象".into();
    }
    if message.contains("is not one of its codes") {
        return format!("{name}：不在可选的代码之列");
    }
    if message.starts_with("write true or false") || message.starts_with("send true or false") {
        return format!("{name}：请写 true 或 false");
    }
    if message.contains("no unit is called") {
        return format!("{name}：没有这个单位");
    }
    format!("{name}：填写有误（{message}）")
}
