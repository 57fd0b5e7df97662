//! What surrounds every page of a signed-in person: bar, navigation, what the last action came to.

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use huiyin_app::Role;

use super::{
    error::Fault,
    field::{Problem, Tried},
    session::{self, Ctx},
    words,
};

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nav {
    /// Where it leads.
    pub path: &'static str,
    /// What it is called.
    pub words: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// The key after `g`.
    pub key: &'static str,
    /// Whether it is the page shown.
    pub here: bool,
    /// Whether it stands in the bar at the bottom of a phone.
    pub tab: bool,
}

/// What surrounds a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The page's title.
    pub title: String,
    /// The city's name.
    pub city: String,
    /// The unit the person works in.
    pub unit: String,
    /// The person.
    pub name: String,
    /// Their roles, in words.
    pub roles: String,
    /// A narrow navigation with icons.
    pub rail: bool,
    /// Navigation.
    pub nav: Vec<Nav>,
    /// The form token.
    pub csrf: String,
    /// What the last action came to.
    pub flash: Option<String>,
    /// Why a form was not carried out.
    pub problem: Option<Problem>,
    /// Whether it is the demonstration.
    pub demo: bool,
    /// What stands in the search field.
    pub search: String,
}

impl Frame {
    /// The first character of the name.
    pub fn initial(&self) -> String {
        self.name.chars().take(1).collect()
    }
}

const OFFICE: &[Role] = &[Role::Office, Role::Subcentre];
const INTAKE: &[Role] = &[Role::Agent, Role::Office, Role::Subcentre];
const UNIT: &[Role] = &[Role::Officer, Role::Leader, Role::Subcentre];
const DESKS: &[Role] = &[Role::Agent, Role::Office, Role::Subcentre, Role::Callback];

/// Every entry, and whose it is.
const NAV: &[(&str, &str, &str, &str, &[Role])] = &[
    ("/approvals", "待审批", "stamp", "a", &[Role::Leader]),
    ("/queue", "待我处理", "inbox", "q", UNIT),
    ("/desk", "坐席台", "headset", "d", INTAKE),
    ("/intake", "受理", "inbox", "i", INTAKE),
    ("/orders/new", "登记", "square-pen", "e", INTAKE),
    ("/dispatch", "派单", "split", "p", OFFICE),
    ("/review", "审核", "badge-check", "r", OFFICE),
    ("/callback", "回访", "phone-outgoing", "c", &[Role::Callback, Role::Office]),
    ("/orders", "工单", "list-todo", "o", Role::ALL),
    ("/desk/drafts", "草稿", "file-pen-line", "w", Role::ALL),
    ("/desk-items", "待办", "bell", "t", DESKS),
    ("/notices", "通知", "megaphone", "n", Role::ALL),
    ("/disputes", "争议", "gavel", "j", &[Role::Office]),
    ("/unit", "人员", "users-round", "u", &[Role::Leader, Role::Officer, Role::Subcentre]),
    ("/people", "就绪", "badge-check", "y", &[Role::Office, Role::Admin]),
    ("/admin/units", "管理", "settings", "x", &[Role::Office, Role::Admin]),
    ("/admin/rules", "规则", "gavel", "l", super::rules::WHOSE),
    ("/admin/modes", "应急", "siren", "m", &[Role::Office, Role::Mayor]),
];

/// The page a person starts at.
pub fn home(ctx: &Ctx) -> &'static str {
    const HOMES: &[(Role, &str)] = &[
        (Role::Office, "/dispatch"),
        (Role::Subcentre, "/queue"),
        (Role::Agent, "/desk"),
        (Role::Callback, "/callback"),
        (Role::Leader, "/approvals"),
        (Role::Officer, "/queue"),
        (Role::Mayor, "/orders"),
        (Role::Admin, "/admin/units"),
    ];
    HOMES.iter().find(|(role, _)| ctx.actor.has(*role)).map_or("/me", |(_, path)| path)
}

/// What the last action came to, in words: the cookie holds codes only.
fn said(code: &str) -> Option<String> {
    let mut parts = code.split('|');
    let (what, no) = (parts.next()?, parts.next().unwrap_or_default());
    let clean = |text: &str| text.chars().all(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
    if !clean(what) || !clean(no) {
        return None;
    }
    Some(match what {
        "registered" => format!("已登记，工单号 {no}"),
        "taken-in" => format!("已收件，编号 {no}，在受理台等待登记"),
        "known" => format!("这件来件先前已收过，编号 {no}"),
        "dismissed" => "来件已搁置，可在「已搁置」中恢复".into(),
        "restored" => "来件已恢复，等待处理".into(),
        "unit-done" => "已保存，变更已记入单位的账本".into(),
        "admin-done" => "已保存".into(),
        "view-kept" => "视图已保存".into(),
        "view-not-kept" => "视图没有保存：名称写 1–20 个字，最多 20 个".into(),
        "view-gone" => "视图已删除".into(),
        "draft-kept" => "草稿已保存".into(),
        "draft-gone" => "草稿已丢弃".into(),
        "item-done" => "待办已办结".into(),
        "rules-drafted" => "检查通过，已存为草案".into(),
        "rules-trying" => "试算已开始".into(),
        "rules-approved" => "已批准，到日自动生效".into(),
        "rules-withdrawn" => "已撤回".into(),
        "mode-declared" => "应急模式已启动".into(),
        "mode-ended" => "应急模式已结束；已下达的指令不变".into(),
        "password" => "密码已修改，其他设备已退出登录".into(),
        "session" => "已退出该设备".into(),
        "totp-on" => "动态验证码已启用".into(),
        "totp-off" => "动态验证码已停用".into(),
        command if words::command(command) != command => {
            format!("{no} 已{}", words::command(command).trim_start_matches('已'))
        }
        _ => return None,
    })
}

impl Ctx {
    /// The frame of a page.
    pub fn frame(&self, title: &str, here: &str, tried: Option<&Tried>) -> Frame {
        let pack = &self.site.app.pack;
        let name_of = |unit: &huiyin_core::id::UnitId| self.org.unit(unit).map(|unit| unit.name.clone());
        let mut roles: Vec<&str> = self.actor.posts.iter().map(|post| words::role(post.role.code())).collect();
        roles.dedup();
        let nav: Vec<Nav> = NAV
            .iter()
            .filter(|(.., whose)| self.has(whose) || whose.len() == Role::ALL.len())
            .enumerate()
            .map(|(at, (path, words, icon, key, _))| Nav { path, words, icon, key, here: *path == here, tab: at < 5 })
            .collect();
        Frame {
            title: title.into(),
            city: pack.in_language(&pack.head().title, "zh").unwrap_or_default().to_owned(),
            unit: self.actor.posts.first().and_then(|post| name_of(&post.unit)).unwrap_or_default(),
            name: self.actor.name.clone(),
            roles: roles.join("、"),
            rail: self.has(DESKS),
            nav,
            csrf: self.csrf().to_owned(),
            flash: self.flash.as_deref().and_then(said),
            problem: tried.map(Tried::summary),
            demo: self.site.options.demo,
            search: String::new(),
        }
    }

    /// A page as an answer: never kept by the browser, for it may show what others must not read.
    ///
    /// # Errors
    /// [`Fault::Template`] when it cannot be written out.
    pub fn answer(&self, page: &impl askama::Template, tried: Option<&Tried>) -> Result<Response, Fault> {
        let status = match tried {
            Some(tried) if tried.problem.code == "order.stale" => StatusCode::CONFLICT,
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        let mut response = (status, [(header::CACHE_CONTROL, "no-store")], Html(page.render()?)).into_response();
        if self.flash.is_some() {
            response.headers_mut().append(header::SET_COOKIE, session::said(&self.site));
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_cookie_says_only_what_it_may() {
        assert_eq!(super::said("sign|20261123-0051").as_deref(), Some("20261123-0051 已签收"));
        assert_eq!(super::said("acknowledge|20261123-0051").as_deref(), Some("20261123-0051 已阅补充"));
        assert_eq!(super::said("sign|<script>"), None);
        assert_eq!(super::said("nothing-known"), None);
    }
}
