//! Text that people give. What it must be like is a rule of the thing that it is for.

/// What somebody gave, without space around it; nothing if that is all there is.
pub fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
