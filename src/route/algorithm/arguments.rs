//! Parameters of algorithms that come from other middleware, in the spellings that its
//! configuration files know: numbers may be written as text, lists with commas.

use super::error::AlgorithmError;
use super::params;

/// The parameters of one algorithm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arguments<'a> {
    algorithm: &'static str,
    table: &'a toml::Table,
}

impl<'a> Arguments<'a> {
    /// Refuses every parameter that is not among `known`.
    pub(super) fn new(
        algorithm: &'static str,
        table: &'a toml::Table,
        known: &[&str],
    ) -> Result<Self, AlgorithmError> {
        params::only(algorithm, table, known)?;
        Ok(Self { algorithm, table })
    }

    /// A refusal of one parameter.
    pub(super) fn refused(&self, param: &'static str, reason: impl Into<String>) -> AlgorithmError {
        AlgorithmError::Setting {
            algorithm: self.algorithm,
            reason: format!("parameter \"{param}\" {}", reason.into()),
        }
    }

    /// A parameter without which the algorithm does not work.
    pub(super) fn needed<T>(
        &self,
        param: &'static str,
        value: Option<T>,
    ) -> Result<T, AlgorithmError> {
        value.ok_or_else(|| self.refused(param, "is missing"))
    }

    /// A whole number, bare or as text.
    pub(super) fn whole(&self, param: &'static str) -> Result<Option<i64>, AlgorithmError> {
        let number = match self.table.get(param) {
            None => return Ok(None),
            Some(toml::Value::Integer(number)) => Some(*number),
            Some(toml::Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        let wrong = || self.refused(param, "must be a whole number");
        number.map(Some).ok_or_else(wrong)
    }

    /// A number from 1 to `most`; without it, `most`.
    pub(super) fn count(&self, param: &'static str, most: usize) -> Result<usize, AlgorithmError> {
        let Some(count) = self.whole(param)? else {
            return Ok(most);
        };
        let fits = usize::try_from(count).ok();
        fits.filter(|count| (1..=most).contains(count))
            .ok_or_else(|| {
                self.refused(param, format!("must be 1 to {most}, the number of shards"))
            })
    }

    /// A yes or no.
    pub(super) fn flag(&self, param: &'static str) -> Result<Option<bool>, AlgorithmError> {
        match self.table.get(param) {
            None => Ok(None),
            Some(toml::Value::Boolean(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.refused(param, "must be true or false")),
        }
    }

    /// A text.
    pub(super) fn text(&self, param: &'static str) -> Result<Option<&'a str>, AlgorithmError> {
        match self.table.get(param) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.refused(param, "must be a text")),
        }
    }

    /// A number, or a text.
    pub(super) fn written(&self, param: &'static str) -> Result<Option<String>, AlgorithmError> {
        match self.table.get(param) {
            Some(toml::Value::Integer(number)) => Ok(Some(number.to_string())),
            _ => Ok(self.text(param)?.map(str::to_owned)),
        }
    }

    /// Whole numbers: one, a list, or a text with commas.
    pub(super) fn wholes(&self, param: &'static str) -> Result<Option<Vec<i64>>, AlgorithmError> {
        let numbers: Option<Vec<i64>> = match self.table.get(param) {
            None => return Ok(None),
            Some(toml::Value::Integer(number)) => Some(vec![*number]),
            Some(toml::Value::Array(list)) => list.iter().map(toml::Value::as_integer).collect(),
            Some(toml::Value::String(text)) => text
                .split(',')
                .map(|item| item.trim().parse().ok())
                .collect(),
            Some(_) => None,
        };
        let wrong = || self.refused(param, "must be whole numbers with commas between them");
        numbers.map(Some).ok_or_else(wrong)
    }

    /// Texts: one, or a list.
    pub(super) fn texts(
        &self,
        param: &'static str,
    ) -> Result<Option<Vec<&'a str>>, AlgorithmError> {
        let texts: Option<Vec<&str>> = match self.table.get(param) {
            None => return Ok(None),
            Some(toml::Value::Array(list)) => list.iter().map(toml::Value::as_str).collect(),
            Some(other) => other.as_str().map(|text| vec![text]),
        };
        let wrong = || self.refused(param, "must be a list of texts");
        texts.map(Some).ok_or_else(wrong)
    }

    /// A position among `places`.
    pub(super) fn place(
        &self,
        param: &'static str,
        at: i64,
        places: usize,
    ) -> Result<usize, AlgorithmError> {
        let place = usize::try_from(at).ok().filter(|at| *at < places);
        place.ok_or_else(|| {
            let most = places.saturating_sub(1);
            self.refused(param, format!("names shard {at}; there are 0 to {most}"))
        })
    }

    /// That there are enough places.
    pub(super) fn enough(
        &self,
        param: &'static str,
        needed: usize,
        places: usize,
    ) -> Result<(), AlgorithmError> {
        if needed <= places {
            return Ok(());
        }
        Err(self.refused(param, format!("needs {needed} shards; there are {places}")))
    }
}
