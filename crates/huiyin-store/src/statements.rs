//! SQL texts as constants, each prepared on both engines by the test that [`statements!`](crate::statements) makes.

use sqlx::SqlStr;

use crate::db::Engine;

/// One SQL text, the same for both engines unless their nature differs. Only [`statements!`](crate::statements) makes one.
#[derive(Debug)]
pub struct Statement {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Statement {
    #[doc(hidden)]
    pub const fn same(text: &'static str) -> Self {
        Self { sqlite: text, postgres: text }
    }

    #[doc(hidden)]
    pub const fn each(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres }
    }

    /// The text for one engine.
    pub const fn text(&self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        }
    }

    pub(crate) const fn sql(&self, engine: Engine) -> SqlStr {
        SqlStr::from_static(self.text(engine))
    }
}

/// Names SQL texts, once per module:
///
/// ```
/// huiyin_store::statements! {
///     FIND = "SELECT value FROM setting WHERE city = $1 AND name = $2";
///     // Only where the engines differ in nature: same arguments, same rows.
///     CLAIM = {
///         sqlite: "SELECT name FROM setting WHERE city = $1 LIMIT 10",
///         postgres: "SELECT name FROM setting WHERE city = $1 LIMIT 10 FOR UPDATE SKIP LOCKED",
///     };
/// }
/// ```
///
/// It also makes the module's test `every_statement_prepares`. A text may be a literal or a macro giving one (`concat!`).
#[macro_export]
macro_rules! statements {
    ($($(#[$meta:meta])* $vis:vis $name:ident = $text:tt $(! $args:tt)?;)*) => {
        $(
            $(#[$meta])*
            $vis static $name: $crate::Statement = $crate::__statement!($text $(! $args)?);
        )*

        #[cfg(test)]
        #[test]
        fn every_statement_prepares() {
            $crate::testing::prepare_all(&[$((::std::stringify!($name), &$name)),*]);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __statement {
    ({ sqlite: $sqlite:expr, postgres: $postgres:expr $(,)? }) => {
        $crate::Statement::each($sqlite, $postgres)
    };
    ($text:expr) => {
        $crate::Statement::same($text)
    };
}
