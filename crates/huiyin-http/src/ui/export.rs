//! `GET /queue/export`, `GET /orders/export`: exactly the filter of the page, written as it is read, marked with who took it
//! out and when, and noted.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::RawQuery,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt as _, stream};
use huiyin_app::{
    App, CommandError,
    orders::{
        export::{self, Wanted},
        list::ListRow,
    },
    views,
};
use huiyin_core::organisation::Organisation;

use super::{
    cases,
    columns::{self, Chosen},
    error::Fault,
    form::Form,
    list,
    narrow::{self, Of},
    queue,
    session::Ctx,
    sheet::{Format, Sheet},
    show,
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

async fn give(ctx: &Ctx, of: Of, query: &Form) -> Result<Response, Fault> {
    let format = query.get("format").unwrap_or("xlsx");
    let format = Format::of(format)
        .ok_or_else(|| CommandError::Invalid { field: "format".into(), message: "`xlsx` or `csv`".into() })?;
    let app = &ctx.site.app;
    let (wanted, sort) = match of {
        Of::Orders => (Wanted::Orders(list::wanted(ctx, query)), list::sort(query)),
        Of::Queue => (Wanted::Tasks(queue::wanted(ctx, query)), queue::sort(query)),
    };
    let beside = views::beside(app, &ctx.actor, of.page()).await?;
    let chosen = Chosen::of(of, &beside.settings).shown;
    let export = export::begin(app, &ctx.actor, wanted, sort, format.ending(), &narrow::bare(of, query)).await?;
    let now = show::moment(&app.pack, app.now());
    let used: Vec<String> =
        narrow::used(ctx, of, query, &queue::colleagues(&beside)).into_iter().map(|(words, _)| words).collect();
    let unit = ctx.actor.posts.first().map(|post| show::unit(&ctx.org, &post.unit)).unwrap_or_default();
    let mark = t!("export-mark", name = ctx.actor.name, unit, now);
    let filter = if used.is_empty() { t!("word-all").to_owned() } else { used.join(t!("punct-list")) };
    let (mut sheet, mut first) = Sheet::begin(format);
    first.extend(sheet.row([mark.as_str(), &t!("export-filter", filter)]));
    let head = chosen.iter().map(|column| word(column.words));
    first.extend(sheet.row([t!("word-order-no"), t!("word-title")].into_iter().chain(head).chain([t!("word-limits")])));
    let begun = Going {
        export,
        sheet: Some(sheet),
        first: Some(first),
        mark,
        columns: chosen.iter().map(|column| column.code).collect(),
        app: Arc::clone(app),
        org: Arc::clone(&ctx.org),
    };
    // The rows are written after the answer has begun, outside of the request.
    let language = Language::here();
    let pieces = stream::unfold(begun, move |mut going| {
        language.scope(async move { going.next().await.map(|piece| (piece, going)) })
    });
    // What packs it for the wire asks once more behind the end.
    let body = Body::from_stream(pieces.fuse());
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
    columns: Vec<&'static str>,
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
                    let cells = cells(&self.app, &self.org, &self.columns, row);
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

/// The number and the title always stand first, the limit last; between them what the person has chosen to see.
fn cells(app: &App, org: &Organisation, columns: &[&'static str], row: &ListRow) -> Vec<String> {
    let chosen = columns.iter().map(|code| columns::said(app, org, row, code));
    let due = columns::said(app, org, row, "due");
    [row.no.clone(), cases::title(row)].into_iter().chain(chosen).chain([due]).collect()
}
