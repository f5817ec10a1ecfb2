//! Metric families in the form that Prometheus reads (OpenMetrics text).

use std::fmt;

use prometheus_client::encoding::{
    DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, NoLabelSet,
};
use prometheus_client::metrics::MetricType;

use crate::telemetry::Times;

/// The labels of a series.
pub(super) type Labels = Vec<(&'static str, String)>;

/// Writes one family after the other.
pub(super) struct Page<'p, 'e>(pub &'p mut DescriptorEncoder<'e>);

impl Page<'_, '_> {
    /// A counter; `_total` is added to its name.
    pub fn counters<V: EncodeCounterValue>(
        &mut self,
        (name, help): (&str, &str),
        series: impl IntoIterator<Item = (Labels, V)>,
    ) -> fmt::Result {
        let kind = MetricType::Counter;
        let mut family = self.0.encode_descriptor(name, help, None, kind)?;
        for (labels, value) in series {
            match labels.is_empty() {
                true => family.encode_counter::<NoLabelSet, _, u64>(&value, None)?,
                false => family
                    .encode_family(&labels)?
                    .encode_counter::<NoLabelSet, _, u64>(&value, None)?,
            }
        }
        Ok(())
    }

    /// A counter of the whole process.
    pub fn counter(&mut self, about: (&str, &str), value: u64) -> fmt::Result {
        self.counters(about, [(Labels::new(), value)])
    }

    /// A value that goes up and down.
    pub fn gauges<V: EncodeGaugeValue>(
        &mut self,
        (name, help): (&str, &str),
        series: impl IntoIterator<Item = (Labels, V)>,
    ) -> fmt::Result {
        let mut family = self
            .0
            .encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in series {
            match labels.is_empty() {
                true => family.encode_gauge(&value)?,
                false => family.encode_family(&labels)?.encode_gauge(&value)?,
            }
        }
        Ok(())
    }

    /// A value of the whole process that goes up and down.
    pub fn gauge<V: EncodeGaugeValue>(&mut self, about: (&str, &str), value: V) -> fmt::Result {
        self.gauges(about, [(Labels::new(), value)])
    }

    /// How long something took.
    pub fn histograms(
        &mut self,
        (name, help): (&str, &str),
        series: impl IntoIterator<Item = (Labels, Times)>,
    ) -> fmt::Result {
        let kind = MetricType::Histogram;
        let mut family = self.0.encode_descriptor(name, help, None, kind)?;
        for (labels, times) in series {
            let buckets: Vec<(f64, u64)> = times.buckets().collect();
            let (sum, count) = (times.seconds(), times.count());
            match labels.is_empty() {
                true => family.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?,
                false => family
                    .encode_family(&labels)?
                    .encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?,
            }
        }
        Ok(())
    }
}
