//! Java's date patterns (`yyyy-MM-dd HH:mm:ss`): reads and writes moments by them.

use super::calendar::Moment;
use crate::value::CalendarDate;

/// The part of Java's pattern language in which every field has one width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    items: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Literal(char),
    Field(Field, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Year,
    Quarter,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Fraction,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// What it holds that is not understood, for people.
    pub(super) fn parse(pattern: &str) -> Result<Self, String> {
        let mut items = Vec::new();
        let mut quoted = false;
        let mut chars = pattern.chars().peekable();
        while let Some(letter) = chars.next() {
            match letter {
                '\'' if chars.next_if_eq(&'\'').is_some() => items.push(Item::Literal('\'')),
                '\'' => quoted = !quoted,
                _ if quoted || !letter.is_ascii_alphabetic() => items.push(Item::Literal(letter)),
                _ => {
                    let mut width = 1;
                    while chars.next_if_eq(&letter).is_some() {
                        width += 1;
                    }
                    items.push(Item::Field(field(letter, width)?, width));
                }
            }
        }
        Ok(Self { items })
    }

    /// Whether it holds a year, a month and a day.
    pub(super) fn has_date(&self) -> bool {
        [Field::Year, Field::Month, Field::Day]
            .iter()
            .all(|field| self.has(*field))
    }

    /// Whether it holds hours, minutes and seconds.
    pub(super) fn has_time(&self) -> bool {
        [Field::Hour, Field::Minute, Field::Second]
            .iter()
            .all(|field| self.has(*field))
    }

    /// Whether it holds nothing of a day's time.
    pub(super) fn is_date_only(&self) -> bool {
        let time = [Field::Hour, Field::Minute, Field::Second, Field::Fraction];
        !time.iter().any(|field| self.has(*field))
    }

    fn has(&self, wanted: Field) -> bool {
        let is = |item: &Item| matches!(item, Item::Field(field, _) if *field == wanted);
        self.items.iter().any(is)
    }

    /// The moment that `text` spells; what the pattern leaves out is zero. `None` if it is not
    /// written by the pattern or is on no calendar.
    pub(super) fn read(&self, text: &str) -> Option<Moment> {
        let mut rest = text;
        let (mut year, mut month, mut day) = (0u16, 1u8, 1u8);
        let (mut seconds, mut micros) = (0u64, 0u64);
        for item in &self.items {
            let (field, width) = match item {
                Item::Literal(letter) => {
                    rest = rest.strip_prefix(*letter)?;
                    continue;
                }
                Item::Field(field, width) => (field, *width),
            };
            let digits = rest.get(..width)?;
            rest = rest.get(width..)?;
            if !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            let number: u64 = digits.parse().ok()?;
            let below = |end: u64| (number < end).then_some(number);
            match field {
                Field::Year if width == 4 => year = u16::try_from(number).ok()?,
                Field::Year | Field::Quarter => return None,
                Field::Month => month = u8::try_from(number).ok()?,
                Field::Day => day = u8::try_from(number).ok()?,
                Field::Hour => seconds += below(24)? * 3600,
                Field::Minute => seconds += below(60)? * 60,
                Field::Second => seconds += below(60)?,
                Field::Fraction => {
                    let nanos = number * 10u64.pow(9u32.saturating_sub(width as u32));
                    micros = nanos / 1000;
                }
            }
        }
        let date = CalendarDate { year, month, day };
        rest.is_empty()
            .then(|| Moment::new(date, seconds * 1_000_000 + micros))?
    }

    /// The moment's spelling.
    pub(super) fn write(&self, moment: Moment) -> String {
        let date = moment.date();
        let seconds = moment.micros() / 1_000_000;
        let mut text = String::new();
        for item in &self.items {
            let (field, width) = match item {
                Item::Literal(letter) => {
                    text.push(*letter);
                    continue;
                }
                Item::Field(field, width) => (field, *width),
            };
            let number = match field {
                Field::Year if width == 2 => i64::from(date.year % 100),
                Field::Year => i64::from(date.year),
                Field::Quarter => i64::from(date.month.saturating_sub(1) / 3 + 1),
                Field::Month => i64::from(date.month),
                Field::Day => i64::from(date.day),
                Field::Hour => seconds / 3600,
                Field::Minute => seconds / 60 % 60,
                Field::Second => seconds % 60,
                Field::Fraction => {
                    let nanos = moment.micros() % 1_000_000 * 1000;
                    nanos / 10i64.pow(9u32.saturating_sub(width as u32))
                }
            };
            text.push_str(&format!("{number:0width$}"));
        }
        text
    }
}

fn field(letter: char, width: usize) -> Result<Field, String> {
    let (field, fits) = match letter {
        'y' | 'u' => (Field::Year, width == 4 || width == 2),
        'Q' => (Field::Quarter, width <= 2),
        'M' => (Field::Month, width <= 2),
        'd' => (Field::Day, width <= 2),
        'H' => (Field::Hour, width <= 2),
        'm' => (Field::Minute, width <= 2),
        's' => (Field::Second, width <= 2),
        'S' => (Field::Fraction, width <= 9),
        _ => {
            return Err(format!(
                "'{letter}' is not understood: use y, Q, M, d, H, m, s, S"
            ));
        }
    };
    if fits {
        Ok(field)
    } else {
        Err(format!("{width} times '{letter}' is not understood"))
    }
}
