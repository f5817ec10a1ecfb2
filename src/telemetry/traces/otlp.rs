//! Spans → OTLP, through OpenTelemetry's own SDK.
//!
//! What waits to be sent is bounded. Of a statement all spans are taken or none, and a collector that
//! does not answer costs spans, never time: they are sent by a thread of the SDK's.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{
    SpanBuilder, SpanContext, SpanId, SpanKind as OtelKind, Status, TraceContextExt, TraceFlags,
    TraceId, TraceState, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracer, SdkTracerProvider, SpanData,
    SpanExporter as Exporter,
};

use super::{AttributeValue, Span, SpanKind, SpanTotals};
use crate::telemetry::Tick;

/// Most spans of one request.
const BATCH: usize = 512;

/// How traces are made and sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// What they call the proxy.
    pub service: String,
    /// The collector's URL, with its path.
    pub endpoint: String,
    /// How long spans wait for others to be sent with.
    pub interval: Duration,
    /// For one request.
    pub timeout: Duration,
    /// Most spans that wait.
    pub queue: u32,
}

/// Sends requests to the collector.
pub type Collector = Arc<dyn HttpClient>;

/// Makes traces of statements.
#[derive(Clone)]
pub struct Tracer {
    pipeline: Arc<Pipeline>,
    /// So many of 2^64 statements are traced.
    part: u64,
}

/// What outlives a change of the part that is traced.
struct Pipeline {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    most: u64,
    waiting: Arc<Waiting>,
}

/// Spans on their way.
#[derive(Debug, Default)]
struct Waiting {
    now: AtomicU64,
    sent: AtomicU64,
    lost: AtomicU64,
}

/// A statement that is traced, with what is noted of it.
#[derive(Debug)]
pub struct Traced<N> {
    tracer: Tracer,
    /// The client's span.
    parent: Option<SpanContext>,
    noted: Box<N>,
}

impl fmt::Debug for Tracer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tracer")
    }
}

impl Tracer {
    /// Starts the thread that sends.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn new(settings: &Settings, collector: Collector) -> Result<Self, String> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_shared_http_client(collector)
            .with_endpoint(&settings.endpoint)
            .with_timeout(settings.timeout)
            .build()
            .map_err(|error| error.to_string())?;
        let waiting = Arc::new(Waiting::default());
        let exporter = Counting {
            exporter,
            waiting: Arc::clone(&waiting),
            fails: AtomicBool::new(false),
        };
        let queue = BatchConfigBuilder::default()
            .with_max_queue_size(settings.queue as usize)
            .with_max_export_batch_size(BATCH)
            .with_scheduled_delay(settings.interval)
            .build();
        let processor = BatchSpanProcessor::builder(exporter)
            .with_batch_config(queue)
            .build();
        let resource = Resource::builder()
            .with_service_name(settings.service.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            // What is not sampled makes no spans at all.
            .with_sampler(Sampler::AlwaysOn)
            .with_resource(resource)
            .build();
        let pipeline = Pipeline {
            tracer: provider.tracer("shardwell"),
            provider,
            most: settings.queue.into(),
            waiting,
        };
        Ok(Self {
            pipeline: Arc::new(pipeline),
            part: 0,
        })
    }

    /// The same for this part of the statements, 0 to 1.
    #[must_use]
    pub fn of(&self, part: f64) -> Self {
        Self {
            pipeline: Arc::clone(&self.pipeline),
            part: (part * u64::MAX as f64) as u64,
        }
    }

    /// A statement begins: what is noted of it, if it is traced. Where the client has a trace, it has
    /// decided.
    pub fn sample<N: Default>(
        &self,
        traceparent: impl FnOnce() -> Option<String>,
    ) -> Option<Traced<N>> {
        let parent = traceparent().and_then(|text| parent(&text));
        let chosen = match &parent {
            Some(parent) => parent.is_sampled(),
            None => self.part == u64::MAX || rand::random::<u64>() < self.part,
        };
        chosen.then(|| Traced {
            tracer: self.clone(),
            parent,
            noted: Box::default(),
        })
    }

    fn send(&self, parent: Option<&SpanContext>, root: &Span) {
        let Pipeline { waiting, most, .. } = &*self.pipeline;
        let spans = root.count();
        if waiting.now.fetch_add(spans, Ordering::Relaxed) + spans > *most {
            waiting.now.fetch_sub(spans, Ordering::Relaxed);
            waiting.lost.fetch_add(spans, Ordering::Relaxed);
            return;
        }
        let context = match parent {
            Some(parent) => Context::new().with_remote_span_context(parent.clone()),
            None => Context::new(),
        };
        let now = (Tick::now(), SystemTime::now());
        self.pipeline.put(root, &context, now);
    }

    /// What became of the spans so far.
    pub fn totals(&self) -> SpanTotals {
        let waiting = &self.pipeline.waiting;
        SpanTotals {
            sent: waiting.sent.load(Ordering::Relaxed),
            lost: waiting.lost.load(Ordering::Relaxed),
        }
    }

    /// Sends what waits, for so long at most. Blocks its thread.
    pub fn close(&self, patience: Duration) {
        if let Err(error) = self.pipeline.provider.shutdown_with_timeout(patience) {
            tracing::debug!(%error, "traces were not sent to their end");
        }
    }
}

impl<N> Traced<N> {
    /// What is noted of the statement.
    pub fn noted(&self) -> &N {
        &self.noted
    }

    /// The same, to note more.
    pub fn note(&mut self) -> &mut N {
        &mut self.noted
    }

    /// Takes the spans of the statement, unless too many wait already.
    pub fn send(&self, root: &Span) {
        self.tracer.send(self.parent.as_ref(), root);
    }
}

impl Pipeline {
    fn put(&self, span: &Span, parent: &Context, now: (Tick, SystemTime)) {
        let attributes = span.attributes.iter().map(|(name, value)| match value {
            AttributeValue::Text(text) => KeyValue::new(*name, text.clone()),
            AttributeValue::Number(number) => KeyValue::new(*name, *number),
        });
        let kind = match span.kind {
            SpanKind::Server => OtelKind::Server,
            SpanKind::Internal => OtelKind::Internal,
            SpanKind::Client => OtelKind::Client,
        };
        let builder = SpanBuilder::from_name(span.name.clone())
            .with_kind(kind)
            .with_start_time(wall(span.from, now))
            .with_attributes(attributes);
        let made = self.tracer.build_with_context(builder, parent);
        let context = parent.with_span(made);
        for child in &span.children {
            self.put(child, &context, now);
        }
        let made = context.span();
        if span.failed {
            // The servers' texts hold values.
            made.set_status(Status::error(""));
        }
        made.end_with_timestamp(wall(span.to, now));
    }
}

fn wall(tick: Tick, (now, wall): (Tick, SystemTime)) -> SystemTime {
    wall.checked_sub(now.since(tick)).unwrap_or(wall)
}

/// `00-TRACE-SPAN-FLAGS` as W3C's Trace Context has it; later versions may have more behind that.
pub(super) fn parent(text: &str) -> Option<SpanContext> {
    let mut parts = text.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, digits: usize| {
        let plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        text.len() == digits && text.bytes().all(plain)
    };
    let whole = hex(version, 2) && hex(trace, 32) && hex(span, 16) && hex(flags, 2);
    if !whole || version == "ff" || version == "00" && parts.next().is_some() {
        return None;
    }
    let trace = TraceId::from_hex(trace).ok()?;
    let span = SpanId::from_hex(span).ok()?;
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?);
    let context = SpanContext::new(trace, span, flags, true, TraceState::NONE);
    context.is_valid().then_some(context)
}

/// Counts what is sent, and says in the log when the collector stops taking spans and takes them again.
#[derive(Debug)]
struct Counting<E> {
    exporter: E,
    waiting: Arc<Waiting>,
    fails: AtomicBool,
}

impl<E: Exporter> Exporter for Counting<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len() as u64;
        let done = self.exporter.export(batch).await;
        self.waiting.now.fetch_sub(spans, Ordering::Relaxed);
        let failed = self.fails.swap(done.is_err(), Ordering::Relaxed);
        match &done {
            Ok(()) => {
                self.waiting.sent.fetch_add(spans, Ordering::Relaxed);
                if failed {
                    let lost = self.waiting.lost.load(Ordering::Relaxed);
                    tracing::info!(lost, "the collector takes traces again");
                }
            }
            Err(error) => {
                self.waiting.lost.fetch_add(spans, Ordering::Relaxed);
                if !failed {
                    tracing::warn!(%error, "the collector does not take traces");
                }
            }
        }
        done
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
