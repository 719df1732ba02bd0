//! A verdict, told: as text, as JSON, as a page.

pub mod html;
pub mod json;
pub mod text;
