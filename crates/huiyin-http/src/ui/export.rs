//! `GET /queue/export`, `GET /orders/export`: exactly the filter of the page, written as it is read, marked with who took it
//! out and when, and noted.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::RawQuery,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;
use huiyin_app::{
    App, CommandError,
    orders::{
        export::{self, Wanted},
        list::{ListRow, NEVER},
    },
};
use huiyin_core::{organisation::Organisation, time::Instant};

use super::{
    cases,
    error::Fault,
    form::Form,
    list,
    narrow::{self, Of},
    queue,
    session::Ctx,
    sheet::{Format, Sheet},
    show, words,
};
use crate::catalogue::{Language, word};

/// `GET /queue/export`.
///
/// # Errors
/// [`Fault`].
pub async fn queue(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    give(&ctx, Of::Queue, &Form::query(query.as_deref())).await
}

/// `GET /orders/export`.
///
/// # Errors
/// [`Fault`].
pub async fn orders(ctx: Ctx, RawQuery(query): RawQuery) -> Result<Response, Fault> {
    give(&ctx, Of::Orders, &Form::query(query.as_deref())).await
}

/// Keys of the columns.
const HEAD: &[&str] = &[
    key!("word-order-no"),
    key!("word-title"),
    key!("word-kind"),
    key!("field-subject"),
    key!("field-area"),
    key!("field-channel"),
    key!("field-urgency"),
    key!("word-state"),
    key!("export-holder"),
    key!("export-received"),
    key!("word-limits"),
    key!("export-overdue"),
    key!("export-redone"),
    key!("export-urged"),
    key!("word-supervised"),
];

async fn give(ctx: &Ctx, of: Of, query: &Form) -> Result<Response, Fault> {
    let format = query.get("format").unwrap_or("xlsx");
    let format = Format::of(format)
        .ok_or_else(|| CommandError::Invalid { field: "format".into(), message: "`xlsx` or `csv`".into() })?;
    let app = &ctx.site.app;
    let (wanted, sort) = match of {
        Of::Orders => (Wanted::Orders(list::wanted(ctx, query)), list::sort(query)),
        Of::Queue => (Wanted::Tasks(queue::wanted(ctx, query)), queue::sort(query)),
    };
    let export = export::begin(app, &ctx.actor, wanted, sort, format.ending(), &narrow::bare(of, query)).await?;
    let now = show::moment(&app.pack, app.now());
    let used: Vec<String> = narrow::used(ctx, of, query).into_iter().map(|(words, _)| words).collect();
    let unit = ctx.actor.posts.first().map(|post| show::unit(&ctx.org, &post.unit)).unwrap_or_default();
    let mark = t!("export-mark", name = ctx.actor.name, unit, now);
    let filter = if used.is_empty() { t!("word-all").to_owned() } else { used.join(t!("punct-list")) };
    let (mut sheet, mut first) = Sheet::begin(format);
    first.extend(sheet.row([mark.as_str(), &t!("export-filter", filter)]));
    first.extend(sheet.row(HEAD.iter().map(|key| word(key))));
    let begun =
        Going { export, sheet: Some(sheet), first: Some(first), mark, app: Arc::clone(app), org: Arc::clone(&ctx.org) };
    // The rows are written after the answer has begun, outside of the request.
    let language = Language::here();
    let body = Body::from_stream(stream::unfold(begun, move |mut going| {
        language.scope(async move { going.next().await.map(|piece| (piece, going)) })
    }));
    let time: String = now.chars().filter(char::is_ascii_digit).collect();
    let disposition = format!("attachment; filename=\"{}-{time}.{}\"", of.page(), format.ending());
    Ok((
        [
            (header::CONTENT_TYPE, format.content_type().to_owned()),
            (header::CONTENT_DISPOSITION, disposition),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ],
        body,
    )
        .into_response())
}

struct Going {
    export: export::Export,
    sheet: Option<Sheet>,
    first: Option<Vec<u8>>,
    mark: String,
    app: Arc<App>,
    org: Arc<Organisation>,
}

impl Going {
    /// The next piece. A fault breaks the transfer off: half a file must not look like a whole one.
    async fn next(&mut self) -> Option<Result<Bytes, CommandError>> {
        if let Some(first) = self.first.take() {
            return Some(Ok(first.into()));
        }
        let sheet = self.sheet.as_mut()?;
        match self.export.next().await {
            Ok(Some(rows)) => {
                let mut out = Vec::new();
                for row in &rows {
                    let cells = cells(&self.app, &self.org, row);
                    out.extend(sheet.row(cells.iter().map(String::as_str)));
                }
                Some(Ok(out.into()))
            }
            Ok(None) => self.sheet.take().map(|sheet| Ok(sheet.end(&self.mark).into())),
            Err(error) => {
                self.sheet = None;
                Some(Err(error))
            }
        }
    }
}

fn cells(app: &App, org: &Organisation, row: &ListRow) -> Vec<String> {
    let pack = &app.pack;
    let time = |at: i64| pack.zone().short(Instant(at));
    let state = match (&row.task, &row.outcome) {
        (Some(task), _) => words::task_state(&task.state),
        (None, Some(outcome)) => words::outcome(outcome),
        (None, None) => words::state(&row.state),
    };
    let unit = row.task.as_ref().map(|task| &task.unit).or(row.holder.as_ref());
    vec![
        row.no.clone(),
        cases::title(row),
        show::kind(pack, row.kind.as_deref()),
        show::subject(pack, row.subject.as_deref()),
        show::area(pack, row.area.as_deref()),
        words::channel(&row.channel).to_owned(),
        words::urgency(&row.urgency).to_owned(),
        state.to_owned(),
        unit.map(|unit| show::unit(org, &unit.as_str().into())).unwrap_or_default(),
        time(row.taken_in_at),
        if row.due < NEVER { time(row.due) } else { String::new() },
        if row.missed { t!("word-yes") } else { t!("word-no") }.to_owned(),
        row.redo.to_string(),
        row.urges.to_string(),
        if row.supervised { t!("word-yes") } else { "" }.to_owned(),
    ]
}
