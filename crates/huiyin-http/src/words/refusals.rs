//! What a refusal says to staff, by its code.

const REFUSALS: &[(&str, &str)] = &[
    ("acknowledge.not_lead", "补充情况由主办单位签阅"),
    ("acknowledge.nothing", "没有待阅的补充情况"),
    ("answer.emergency", "应急事项须派单办理，不能直接答复"),
    ("answer.entry_expired", "所引知识条目已过复核日期，请转给条目所属单位"),
    ("archive.duty_owed", "还有应告知诉求人的事项没有告知，不能归档"),
    ("archive.merged_still_open", "并入的工单尚未办结，不能归档"),
    ("archive.request_pending", "还有申请未决定，不能归档"),
    ("area.unknown", "没有这个区域"),
    ("callback.out_of_order", "拨打时间早于上一次记录"),
    ("callback.scale", "满意度请选 1 至 5"),
    ("clock.not_due", "时限尚未到这一时刻"),
    ("clock.nothing_provisional", "没有因放假通知而变动的时限"),
    ("clock.unknown", "工单没有这个时限"),
    ("close.fact_forbidden", "所选结论下不能填写这一项"),
    ("close.fact_kind", "填写的内容与要求的类型不符"),
    ("close.facts_missing", "办结要件不全"),
    ("callback.unknown_claimant", "该诉求人不在本单中"),
    ("close.not_called_back", "还没有回访，也没有登记免回访"),
    ("close.promise_past", "承诺日期已过，请写今天或以后的日期"),
    ("close.unknown_branch", "没有这个结论选项"),
    ("close.unknown_fact", "规则中没有这一项"),
    ("command.mixed_up", "操作内容不完整，请重新填写"),
    ("confirm.not_praise", "只有表扬件需要确认收到"),
    ("contact.nothing_said", "已接通的联系须写明诉求人说了什么"),
    ("contact.settled", "这件来件已由他人处理，请看列表"),
    ("contact.secret", "保密件不能直接联系诉求人，请由热线转问"),
    ("correct.emergency_needs_note", "更正应急标记须写明理由"),
    ("correct.kind_runs_otherwise", "改成该类型后办理路径不同，请先收回再更正"),
    ("correct.nothing", "没有改动任何内容"),
    ("difficult.already", "已经在（或不在）疑难库中"),
    ("dispatch.not_redacted", "保密件须先整理好单位可见的内容再派单"),
    ("dispatch.forbidden", "按规定这类事项不能派给该单位"),
    ("dispatch.lead_order", "按规定应由另一单位主办，请调换主办和协办"),
    ("dispatch.passed_on", "表扬件只转达，不派单"),
    ("dispatch.reported_party", "被反映单位及其下级不能承办"),
    ("dispatch.same_unit_again", "该单位已退回过，再派须写明理由"),
    ("dispatch.too_many_assists", "协办单位超过上限"),
    ("dispatch.unit_ended", "该单位已撤销或不在名录中"),
    ("dispatch.unit_takes_no_orders", "该单位不承办工单"),
    ("dispatch.unit_twice", "同一单位重复选择"),
    ("duty.already_told", "这一项已经告知过"),
    ("duty.record_missing", "请写明告知记录"),
    ("duty.unknown", "没有这一项告知义务"),
    ("emergency.already_on_scene", "已登记到场"),
    ("emergency.already_safe", "已登记险情排除"),
    ("emergency.before_command", "时间早于应急指令下达"),
    ("emergency.not_commanded", "没有对该单位下达应急指令"),
    ("emergency.not_on_scene", "请先登记到场"),
    ("excuse.not_missed", "该时限没有超期，无需免责"),
    ("excuse.unknown_clock", "该任务没有这个时限"),
    ("extension.clock_fixed", "该时限不能延期"),
    ("extension.count_used_up", "延期次数已用完"),
    ("extension.longer_than_original", "延期不能长于原时限"),
    ("extension.nothing", "延期时长至少为 1"),
    ("extension.too_late", "时限已过，不能再申请延期"),
    ("excuse.beyond", "超出可批准免责的范围"),
    ("extension.beyond", "延期的时长或次数超出任何人可批准的范围"),
    ("extension.too_long", "延期过长"),
    ("extension.urgency", "应急件不得延期"),
    ("feedback.approval_pending", "已有一份答复在等领导审批，请先撤回"),
    ("feedback.empty", "反馈没有内容"),
    ("feedback.public_missing", "请写答复诉求人的公开口径"),
    ("feedback.still_below", "下级单位尚未反馈"),
    ("feedback.supplement_unread", "诉求人有补充情况未阅，请先签阅"),
    ("files.none", "没有选择附件"),
    ("files.too_many", "附件太多：来件和每个承办任务各最多 9 个"),
    ("hold.already", "证据保全状态未变"),
    ("intake.no_claimant", "须有诉求人，可为匿名"),
    ("intake.received_in_future", "收到时间不能晚于现在"),
    ("intake.received_long_ago", "收到时间过早"),
    ("item.unknown", "没有这个受理范围"),
    ("kind.unknown", "没有这个诉求类型"),
    ("link.exists", "两件已经关联"),
    ("link.itself", "不能关联自己"),
    ("link.relation", "没有这种关联"),
    ("merge.closed", "对方工单已办结，不能并入；请关联或另立工单"),
    ("merge.exists", "两件已经并过"),
    ("merge.itself", "不能并入自己"),
    ("order.exists", "该来件已经立单"),
    ("order.not_taken_in", "工单须由来件开始"),
    ("order.wrong_state", "工单现在的状态不能这样操作"),
    ("pass_on.not_praise", "只有表扬件可以转达"),
    ("pause.beyond", "超出可批准挂起的范围"),
    ("pause.clock_not_running", "时限没有在走，或不能挂起"),
    ("pause.count_used_up", "挂起次数已用完"),
    ("pause.in_past", "挂起截止日早于今天"),
    ("pause.shelved", "已挂账，无需挂起"),
    ("pause.too_long", "挂起时间超过上限"),
    ("reason.unknown", "没有这个理由，请从列表中选择"),
    ("redispatch.already_below", "已在下级单位办理，请先收回"),
    ("redispatch.not_below", "该单位不是本单位的下级"),
    ("redispatch.praise", "表扬件只需确认收到"),
    ("redo.count_used_up", "重办次数已用完，请转疑难库"),
    ("redo.no_cause", "诉求人未接通或表示满意，没有重办的理由"),
    ("redo.no_unit", "没有单位办理过"),
    ("refuse.emergency", "应急事项不能不予受理，请先就险情立单"),
    ("register.subject_missing", "请选择事项：它决定时限并建议承办单位"),
    ("register.text_missing", "请写明诉求内容"),
    ("reject.note_missing", "不同意须写明理由"),
    ("relay.nothing_asked", "没有待答的转问"),
    ("relay.which_question", "有多个待答的转问，请指明答复的是哪一问"),
    ("relay.not_secret", "不是保密件，请直接联系诉求人"),
    ("reopen.merged", "该件已并入其他工单，请重新受理并入的那一件"),
    ("request.decided", "这项申请已经决定或撤回"),
    ("request.no_clock", "该任务没有正在计算的时限"),
    ("request.pending", "已有同样的申请在等待决定"),
    ("request.unknown", "没有这项申请"),
    ("resume.not_paused", "任务没有挂起"),
    ("return.beyond", "超出可批准退单的范围"),
    ("return.basis_missing", "退单须写明职责或法律依据"),
    ("return.count_used_up", "本单位对该单的退单次数已用完，须由热线办裁定"),
    ("return.praise", "表扬件不退单"),
    ("return.ruled", "经裁定的工单不能退单"),
    ("return.still_below", "仍在下级单位，请先收回"),
    ("return.suggestion_missing", "退单须提出建议承办单位"),
    ("return.suggests_itself", "建议承办单位不能是本单位"),
    ("return.window_closed", "退单时限已过"),
    ("review.no_answer", "没有待审的答复"),
    ("rule.below", "下级的退单由上一级决定，不作裁定"),
    ("rule.not_a_return", "只有退单争议可以裁定"),
    ("send_back.not_below", "这份答复不是下级报来的"),
    ("shelving.beyond", "超出可批准挂账的范围"),
    ("shelving.already", "已经挂账，请改为复查"),
    ("shelving.not_shelved", "任务没有挂账"),
    ("shelving.review_in_past", "复查日期须在今天之后"),
    ("shelving.review_too_far", "复查日期须在十年之内"),
    ("shelving.urgency", "应急件不得挂账"),
    ("sign.praise", "表扬件只需确认收到"),
    ("stop.note_missing", "终止须写明说明"),
    ("subject.not_a_leaf", "请选择最细一级的事项"),
    ("subject.unknown", "没有这个事项"),
    ("supervise.level_unknown", "没有这个督办级别"),
    ("supervise.not_on", "没有在督办"),
    ("task.none", "工单不在任何单位"),
    ("task.unknown", "工单没有这个任务"),
    ("task.wrong_state", "任务现在的状态不能这样操作"),
    ("time.before_receipt", "时间早于收件"),
    ("time.in_future", "时间不能晚于现在"),
    ("transfer.in_future", "接听时间不能晚于现在"),
    ("transfer.not_answered", "对方尚未接听：请保持通话，接通后填写接听时间"),
    ("unit.no_office", "名录中没有热线办"),
    ("unit.unknown", "没有这个单位"),
    ("unmerge.not_merged", "没有并入其他工单，或已归档"),
    ("waive.already", "已登记免回访"),
    ("waive.not_applicable", "这一理由不适用于单位办理的答复"),
    ("waive.reachable", "诉求人留有联系方式，不能以此免回访"),
    ("waive.too_few_attempts", "拨打次数或间隔不足，不能认定未接通"),
    ("withdraw.not_confirmed", "须先与诉求人确认撤回"),
    ("withdraw.unknown_claimant", "该诉求人不在本单中"),
    ("withdraw.which_claimant", "有多名诉求人，请指明是谁撤回"),
];

/// The words for a refusal's code.
pub fn refusal(code: &str) -> Option<&'static str> {
    super::of(REFUSALS, code)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Codes written as literals in a source tree.
    fn codes(dir: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(dir).expect("the source of core is beside this crate") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                codes(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).expect("readable source");
                for after in text.split("Refusal::new(").skip(1) {
                    if let Some(code) = after.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                        found.push(code.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_refusal_of_core_has_words() {
        let mut found = Vec::new();
        codes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../huiyin-core/src/order"), &mut found);
        assert!(found.len() > 100, "the scan finds the refusals");
        found.retain(|code| super::refusal(code).is_none());
        assert!(found.is_empty(), "no words for {found:?}");
    }
}
