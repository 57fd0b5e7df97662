//! `GET /tour`: what to try in the demonstration, as whom. Without a demonstration there is none.

use askama::Template;
use axum::{
    extract::State,
    http::header,
    response::{Html, IntoResponse, Response},
};
use huiyin_app::CommandError;

use super::{error::Fault, filters, login::DEMO_PASSWORD};
use crate::Site;

/// A role and what to try as it.
#[derive(Debug)]
pub struct Stop {
    /// Login.
    pub login: &'static str,
    /// What the role is.
    pub role: &'static str,
    /// What to try: page, and what is there to see.
    pub tries: &'static [(&'static str, &'static str)],
}

/// The page.
#[derive(Debug, Template)]
#[template(path = "tour.html")]
pub struct TourPage {
    /// The password of every login.
    pub password: &'static str,
    /// The roles, in the order a matter meets them.
    pub stops: &'static [Stop],
}

/// The way a matter goes, role by role.
const STOPS: &[Stop] = &[
    Stop {
        login: "agent",
        role: "话务员",
        tries: &[
            (
                "/desk",
                "坐席台：输入 13800000145，看这个号码提过什么；选类型和事项，看时限、依据与建议单位，按 Ctrl+Enter 派发",
            ),
            ("/desk/drafts", "草稿：写一半就离开，再回来接着写"),
            ("/intake", "受理：网络和信函来件，受理、不予受理、拆分、追加"),
        ],
    },
    Stop {
        login: "office",
        role: "热线办",
        tries: &[
            ("/dispatch", "派单：建议单位和正反理由"),
            ("/review", "审核：办结要件缺什么一目了然；延期、退单、挂账先看对时限的影响"),
            ("/disputes", "争议：一件桥洞建筑垃圾，两家都说不归自己，等着裁定"),
            ("/orders?tab=emergency", "应急件：现场时限与电话通知"),
            ("/admin/units", "单位、日历与到位情况"),
        ],
    },
    Stop {
        login: "subcentre", role: "区分中心", tries: &[("/queue", "待办：转派到区里的部门，收齐反馈再上报")]
    },
    Stop {
        login: "officer",
        role: "承办单位采编员",
        tries: &[
            ("/queue", "待办：j/k 移动、x 选中、空格速览；批量签收、转派、打印、导出"),
            ("/queue?tab=soon", "临期的先办；写进展、申请延期、反馈"),
            ("/unit", "报送人员变更、排值班"),
        ],
    },
    Stop {
        login: "leader",
        role: "承办单位负责人",
        tries: &[("/approvals", "待审批：手机上一张卡片一件，公开口径在最前"), ("/unit", "登记人员、委托审批")],
    },
    Stop {
        login: "callback", role: "回访专员", tries: &[("/callback", "待回访：照话术问，答案决定建议办结还是重办")]
    },
    Stop {
        login: "mayor",
        role: "市领导",
        tries: &[("/orders?tab=over", "全市超期与督办；看得到工单，看不到诉求人身份")],
    },
    Stop {
        login: "admin",
        role: "系统管理员",
        tries: &[("/admin/people", "账号、令牌"), ("/admin/audit", "审计：谁改了什么，校验账本有没有被动过")],
    },
];

/// `GET /tour`.
///
/// # Errors
/// [`Fault`]; not found without a demonstration.
pub async fn get(State(site): State<Site>) -> Result<Response, Fault> {
    if !site.options.demo {
        return Err(CommandError::NotFound.into());
    }
    let page = TourPage { password: DEMO_PASSWORD, stops: STOPS };
    Ok(([(header::CACHE_CONTROL, "no-store")], Html(page.render()?)).into_response())
}

#[cfg(test)]
mod tests {
    use super::STOPS;
    use crate::ui::ROUTES;

    #[test]
    fn every_page_of_the_tour_is_there() {
        for (path, _) in STOPS.iter().flat_map(|stop| stop.tries) {
            let path = path.split('?').next().expect("a path");
            assert!(ROUTES.iter().any(|route| route.path == path && route.method == "GET"), "{path}");
        }
    }
}
