//! Invented matters: places and things of a city, no person and nothing that was ever said.

use super::Dice;

const ROADS: &[&str] =
    &["解放路", "迎宾路", "河东路", "新风街", "港华路", "学院路", "榆亚路", "凤凰路", "春光路", "胜利路"];
const THINGS: &[&str] = &[
    "路灯不亮",
    "井盖松动",
    "水压不足",
    "夜间施工吵闹",
    "公交改线",
    "垃圾未清运",
    "树枝遮挡信号灯",
    "停车位被占",
    "排水沟堵塞",
    "摊点占道",
    "电梯停运",
    "供水管漏水",
    "医保报销",
    "学位申请",
    "物业收费",
    "海滩漂浮物",
    "工资拖欠",
    "商家不退款",
];
const WISHES: &[&str] = &[
    "请派人到现场查看，并告知处理结果。",
    "希望尽快处理，给周边居民一个明确的答复。",
    "多次向有关单位反映，至今没有解决，请督促办理。",
    "请说明办理的条件、所需材料和时限。",
    "请核实情况后依照规定处理。",
];

/// A title.
pub(super) fn title(dice: &mut Dice) -> String {
    format!("{}{}号{}", dice.pick(ROADS), dice.roll(200) + 1, dice.pick(THINGS))
}

/// The matter in words.
pub(super) fn body(dice: &mut Dice, title: &str) -> String {
    let mut text = format!(
        "来电反映：{title}，已有{}天。早晚高峰时段影响尤其明显，附近约有{}户居民受到影响，老人和学生出行不便。",
        dice.roll(20) + 1,
        dice.roll(90) + 5
    );
    for _ in 0..=dice.roll(3) {
        let wish: &&str = dice.pick(WISHES);
        text.push_str(wish);
    }
    text
}

/// A place in words.
pub(super) fn place(dice: &mut Dice) -> String {
    format!("{}{}号附近", dice.pick(ROADS), dice.roll(200) + 1)
}

/// A name made of a letter, which nobody has.
pub(super) fn name(dice: &mut Dice) -> String {
    format!("{}某", dice.pick(&["甲", "乙", "丙", "丁", "戊", "己"]))
}

/// A number nobody is reached by.
pub(super) fn phone(dice: &mut Dice) -> String {
    format!("1380000{:04}", dice.roll(10_000))
}
