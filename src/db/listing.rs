//! What every list shares: a page with `limit` and `offset`, a sort with its direction, and text
//! search that takes what people type literally. It knows no table.

use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ColumnTrait, Condition, Order};

use crate::words;

/// A slice of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub limit: u64,
    pub offset: u64,
}

/// A sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    #[default]
    Ascending,
    Descending,
}

words! {
    /// What a list of things with a name is sorted by.
    NamedSort {
        CreatedAt = "created_at",
        UpdatedAt = "updated_at",
        Name = "name",
    }
}

impl From<Direction> for Order {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Ascending => Order::Asc,
            Direction::Descending => Order::Desc,
        }
    }
}

/// Rows in which any of `columns` contains `text`, upper and lower case alike.
pub fn contains<C: ColumnTrait>(columns: &[C], text: &str) -> Condition {
    let pattern = format!("%{}%", escaped(text));
    columns.iter().fold(Condition::any(), |condition, column| {
        let like = LikeExpr::new(pattern.clone()).escape('\\');
        condition.add(Expr::col(column.as_column_ref()).like(like))
    })
}

/// `text` with the wildcards of LIKE made literal.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut escaped, c| {
        if matches!(c, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
        escaped
    })
}
