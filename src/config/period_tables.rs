//! `split = { tables = "events_{yyyyMM}", … }`: a table for each period of time, by name.

use crate::value::{Begin, CalendarDate, PeriodUnit, Periods, moment};

/// A table for each period; which of them there are is known to the servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodTables {
    /// What they are called.
    pub pattern: PeriodPattern,
    /// Which moments belong to which of them.
    pub periods: Periods,
    /// The tables of so many periods to come are created; 0: none ever is.
    pub ahead: u32,
}

impl PeriodTables {
    /// The name of a period's table; `None` beyond the calendar.
    pub fn name(&self, period: usize) -> Option<String> {
        let period = i64::try_from(period).ok()?;
        Some(self.pattern.name(self.periods.begin(period)?))
    }

    /// The period of the table of this name; `None` for the name of another table. `fold`: names
    /// are compared without case.
    pub fn period(&self, name: &str, fold: bool) -> Option<usize> {
        let begin = self.pattern.begin(name, fold)?;
        let period = usize::try_from(self.periods.number(begin)?).ok()?;
        let own = self.name(period)?;
        let same = own == name || fold && own.to_lowercase() == name.to_lowercase();
        same.then_some(period)
    }

    /// The tables among `names`, which every shard has: the periods and the names, in order. Where
    /// there is none, the table of the first period is named, that it be created.
    pub fn present<'n>(
        &self,
        names: impl IntoIterator<Item = &'n str>,
        fold: bool,
    ) -> Vec<(usize, String)> {
        let names = names.into_iter();
        let present = names.filter_map(|name| Some((self.period(name, fold)?, name.to_owned())));
        let mut present: Vec<(usize, String)> = present.collect();
        present.sort();
        if present.is_empty() {
            present.push((0, self.name(0).unwrap_or_default()));
        }
        present
    }
}

/// A name with the beginning of a period in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodPattern {
    before: String,
    fields: Vec<Field>,
    behind: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Year,
    Quarter,
    Month,
    Day,
    Hour,
    /// ISO 8601: the year in front of it is that of the week.
    Week,
    Separator,
}

impl Field {
    /// How it is written in a pattern; in a name it is as long.
    const WRITTEN: [(&str, Self); 7] = [
        ("yyyy", Self::Year),
        ("Q", Self::Quarter),
        ("MM", Self::Month),
        ("dd", Self::Day),
        ("HH", Self::Hour),
        ("ww", Self::Week),
        ("_", Self::Separator),
    ];

    fn width(self) -> usize {
        let written = Self::WRITTEN.iter().find(|(_, field)| *field == self);
        written.map_or(0, |(text, _)| text.len())
    }
}

/// The numbers in a name.
#[derive(Default)]
struct Numbers {
    year: u16,
    quarter: Option<u8>,
    month: Option<u8>,
    day: Option<u8>,
    hour: u8,
    week: Option<u8>,
}

impl PeriodPattern {
    /// Reads `events_{yyyyMM}`; `None` where no year stands in braces.
    pub fn parse(text: &str) -> Option<Self> {
        let (before, rest) = text.split_once('{')?;
        let (mut format, behind) = rest.split_once('}')?;
        if !format.starts_with("yyyy") || behind.contains(['{', '}']) {
            return None;
        }
        let mut fields = Vec::new();
        while !format.is_empty() {
            let mut written = Field::WRITTEN.iter();
            let (text, field) = written.find(|(text, _)| format.starts_with(text))?;
            if *field != Field::Separator && fields.contains(field) {
                return None;
            }
            fields.push(*field);
            format = format.strip_prefix(text)?;
        }
        Some(Self {
            before: before.to_owned(),
            fields,
            behind: behind.to_owned(),
        })
    }

    /// Whether no two periods of this kind have one name.
    pub fn tells_apart(&self, unit: PeriodUnit) -> bool {
        let has = |fields: &[Field]| fields.iter().all(|field| self.fields.contains(field));
        let week = self.fields.contains(&Field::Week);
        let days = has(&[Field::Month, Field::Day]);
        if week {
            return unit == PeriodUnit::Week && self.fields.iter().all(|f| Field::of_week(*f));
        }
        match unit {
            PeriodUnit::Hour => days && has(&[Field::Hour]),
            PeriodUnit::Day | PeriodUnit::Week => days,
            PeriodUnit::Month => has(&[Field::Month]),
            PeriodUnit::Quarter => has(&[Field::Quarter]) || has(&[Field::Month]),
            PeriodUnit::Year => true,
        }
    }

    /// A pattern that tells periods of this kind apart, for messages.
    pub fn example(unit: PeriodUnit) -> &'static str {
        match unit {
            PeriodUnit::Hour => "{yyyyMMddHH}",
            PeriodUnit::Day => "{yyyyMMdd}",
            PeriodUnit::Week => "{yyyyww} or {yyyyMMdd}",
            PeriodUnit::Month => "{yyyyMM}",
            PeriodUnit::Quarter => "{yyyy_Q}",
            PeriodUnit::Year => "{yyyy}",
        }
    }

    /// What every name begins with.
    pub fn before(&self) -> &str {
        &self.before
    }

    fn name(&self, begin: Begin) -> String {
        let date = begin.date().unwrap_or(CalendarDate {
            year: 0,
            month: 0,
            day: 0,
        });
        let week = self.fields.contains(&Field::Week);
        let (iso_year, iso_week) = if week { iso_week(date) } else { (date.year, 0) };
        let mut name = self.before.clone();
        for field in &self.fields {
            name += &match field {
                Field::Year => format!("{iso_year:04}"),
                Field::Quarter => date.month.div_ceil(3).to_string(),
                Field::Month => format!("{:02}", date.month),
                Field::Day => format!("{:02}", date.day),
                Field::Hour => format!("{:02}", begin.hour()),
                Field::Week => format!("{iso_week:02}"),
                Field::Separator => "_".to_owned(),
            };
        }
        name + &self.behind
    }

    /// The moment that a name speaks of; `None` for a name of another form.
    fn begin(&self, name: &str, fold: bool) -> Option<i64> {
        let inner = name.get(self.before.len()..)?;
        let inner = inner.get(..inner.len().checked_sub(self.behind.len())?)?;
        let alike = |a: &str, b: &str| a == b || fold && a.to_lowercase() == b.to_lowercase();
        if !alike(name.get(..self.before.len())?, &self.before)
            || !alike(name.get(self.before.len() + inner.len()..)?, &self.behind)
        {
            return None;
        }
        let mut numbers = Numbers::default();
        let mut rest = inner;
        for field in &self.fields {
            let text = rest.get(..field.width())?;
            rest = rest.get(field.width()..)?;
            numbers.set(*field, text)?;
        }
        rest.is_empty().then(|| numbers.moment()).flatten()
    }
}

impl Field {
    fn of_week(self) -> bool {
        matches!(self, Self::Year | Self::Week | Self::Separator)
    }
}

impl Numbers {
    fn set(&mut self, field: Field, text: &str) -> Option<()> {
        if field == Field::Separator {
            return (text == "_").then_some(());
        }
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number: u16 = text.parse().ok()?;
        let small = u8::try_from(number).ok();
        match field {
            Field::Year => self.year = number,
            Field::Quarter => self.quarter = small,
            Field::Month => self.month = small,
            Field::Day => self.day = small,
            Field::Hour => self.hour = small.filter(|hour| *hour < 24)?,
            Field::Week => self.week = small,
            Field::Separator => {}
        }
        Some(())
    }

    fn moment(&self) -> Option<i64> {
        if let Some(week) = self.week {
            return moment(monday(self.year, week)?, 0);
        }
        let first_month = self
            .quarter
            .map(|quarter| quarter.wrapping_mul(3).wrapping_sub(2));
        let date = CalendarDate {
            year: self.year,
            month: self.month.or(first_month).unwrap_or(1),
            day: self.day.unwrap_or(1),
        };
        moment(date, u64::from(self.hour) * 3_600_000_000)
    }
}

/// The first day of an ISO week; week 1 is the one that holds January 4th.
fn monday(year: u16, week: u8) -> Option<CalendarDate> {
    let fourth = CalendarDate {
        year,
        month: 1,
        day: 4,
    };
    let fourth = fourth.day_number()?;
    let first = fourth - weekday(fourth);
    CalendarDate::from_day_number(first + (i64::from(week) - 1) * 7)
}

/// The ISO year and week of a day: those of the week's Thursday.
fn iso_week(date: CalendarDate) -> (u16, i64) {
    let number = date.day_number().unwrap_or_default();
    let thursday = number - weekday(number) + 3;
    let year = CalendarDate::from_day_number(thursday).map_or(date.year, |day| day.year);
    let january = CalendarDate {
        year,
        month: 1,
        day: 1,
    };
    let days = thursday - january.day_number().unwrap_or(thursday);
    (year, days / 7 + 1)
}

/// Days since Monday.
fn weekday(day_number: i64) -> i64 {
    const OF_1970: i64 = 3;
    (day_number + OF_1970).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(pattern: &str, unit: PeriodUnit, every: u32, start: (u16, u8, u8)) -> PeriodTables {
        let (year, month, day) = start;
        let start = moment(CalendarDate { year, month, day }, 0).unwrap();
        PeriodTables {
            pattern: PeriodPattern::parse(pattern).unwrap(),
            periods: Periods::new(unit, every, start).unwrap(),
            ahead: 0,
        }
    }

    /// Pattern, unit, `every`, start, and names of periods.
    type Named = (
        &'static str,
        PeriodUnit,
        u32,
        (u16, u8, u8),
        &'static [(usize, &'static str)],
    );

    const NAMED: [Named; 9] = [
        (
            "e_{yyyyMM}",
            PeriodUnit::Month,
            1,
            (2025, 11, 1),
            &[(0, "e_202511"), (2, "e_202601")],
        ),
        (
            "e_{yyyy_MM}_x",
            PeriodUnit::Month,
            3,
            (2025, 11, 1),
            &[(1, "e_2026_02_x")],
        ),
        (
            "e_{yyyyMMdd}",
            PeriodUnit::Day,
            1,
            (2024, 2, 28),
            &[(1, "e_20240229"), (2, "e_20240301")],
        ),
        (
            "e_{yyyyMMddHH}",
            PeriodUnit::Hour,
            1,
            (2024, 2, 28),
            &[(25, "e_2024022901")],
        ),
        (
            "e_{yyyyMMdd}",
            PeriodUnit::Week,
            1,
            (2025, 12, 29),
            &[(0, "e_20251229"), (1, "e_20260105")],
        ),
        // 2026-12-28 begins week 53 of 2026, 2027-01-04 week 1 of 2027.
        (
            "e_{yyyy_ww}",
            PeriodUnit::Week,
            1,
            (2026, 12, 28),
            &[(0, "e_2026_53"), (1, "e_2027_01")],
        ),
        (
            "e_{yyyyww}",
            PeriodUnit::Week,
            1,
            (2025, 12, 29),
            &[(0, "e_202601")],
        ),
        (
            "e_{yyyy_Q}",
            PeriodUnit::Quarter,
            1,
            (2025, 10, 1),
            &[(0, "e_2025_4"), (1, "e_2026_1")],
        ),
        ("{yyyy}", PeriodUnit::Year, 2, (2020, 1, 1), &[(3, "2026")]),
    ];

    #[test]
    fn a_table_is_called_by_the_beginning_of_its_period() {
        for (pattern, unit, every, start, names) in NAMED {
            let tables = tables(pattern, unit, every, start);
            assert!(tables.pattern.tells_apart(unit));
            for (period, name) in names {
                assert_eq!(tables.name(*period).as_deref(), Some(*name));
                assert_eq!(tables.period(name, false), Some(*period), "{name}");
            }
        }
    }

    #[test]
    fn other_names_are_no_tables_of_the_pattern() {
        let monthly = tables("Ev_{yyyyMM}", PeriodUnit::Month, 3, (2026, 1, 1));
        for name in [
            "Ev_202513",
            "Ev_202512",
            "Ev_202602",
            "Ev_2026011",
            "Ev_20260",
            "Ev_+20260",
            "Ev_",
            "ev_202601",
            "Ev_202601_old",
            "Ev_2026ä",
            "x",
        ] {
            assert_eq!(monthly.period(name, false), None, "{name}");
        }
        assert_eq!(monthly.period("ev_202604", true), Some(1));
        let weekly = tables("e{yyyyww}", PeriodUnit::Week, 1, (2025, 12, 29));
        // 2027 has no week 53.
        for name in ["e202700", "e202753", "e202799"] {
            assert_eq!(weekly.period(name, false), None, "{name}");
        }
    }

    #[test]
    fn the_tables_that_there_are_stand_in_the_order_of_time() {
        let monthly = tables("e_{yyyyMM}", PeriodUnit::Month, 1, (2025, 11, 1));
        let found = ["e_202602", "e", "e_202511", "e_202510", "f_202601"];
        let present = monthly.present(found, false);
        let expected = [(0, "e_202511"), (3, "e_202602")];
        assert_eq!(present, expected.map(|(at, name)| (at, name.to_owned())));
        let first = vec![(0, "e_202511".to_owned())];
        assert_eq!(monthly.present(["e_202510"], false), first);
    }

    #[test]
    fn a_pattern_must_tell_its_periods_apart() {
        let table = [
            ("e_{yyyy}", PeriodUnit::Month, false),
            ("e_{yyyyMM}", PeriodUnit::Day, false),
            ("e_{yyyyMMdd}", PeriodUnit::Hour, false),
            ("e_{yyyydd}", PeriodUnit::Day, false),
            ("e_{yyyyQ}", PeriodUnit::Month, false),
            ("e_{yyyyww}", PeriodUnit::Day, false),
            ("e_{yyyyMMww}", PeriodUnit::Week, false),
            ("e_{yyyyMM}", PeriodUnit::Quarter, true),
            ("e_{yyyyMMdd}", PeriodUnit::Month, true),
        ];
        for (pattern, unit, expected) in table {
            let parsed = PeriodPattern::parse(pattern).unwrap();
            assert_eq!(parsed.tells_apart(unit), expected, "{pattern}");
        }
        for none in [
            "e",
            "e_{00..15}",
            "e_{MMyyyy}",
            "e_{yyyyMMMM}",
            "e_{yyyy",
            "e_{yyyy}{MM}",
        ] {
            assert_eq!(PeriodPattern::parse(none), None, "{none}");
        }
    }
}
