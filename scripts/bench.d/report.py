"""Figures → Markdown tables."""

from statistics import median

from measure import middle, middle_ratio

MEBI = 1 << 20
NOTHING = "–"


def table(head, rows):
    """A Markdown table; the first column is text, the others are numbers."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def point_selects(results):
    """`results`: {threads: {target name: [PointSelect]}}."""
    head = ["", "threads", "queries/s", "× direct", "p99 ms", "CPU µs/query", "of which user",
            "CPU × HAProxy", "server CPU µs/query", "switches/query", "RSS MiB"]
    rows = [_point_select_row(threads, name, by_name)
            for threads, by_name in results.items() for name in by_name]
    return f"{table(head, rows)}\n\n{_noise(results)}"


def _noise(results):
    shares = [sample.foreign for by_name in results.values()
              for samples in by_name.values() for sample in samples]
    return (f"Programs outside the bench took {median(shares):.0%} of the time of these cores "
            f"(median over the runs; at most {max(shares):.0%}).")


def _point_select_row(threads, name, by_name):
    samples = by_name[name]
    row = [name, str(threads), f"{middle(samples, lambda s: s.rate):,.0f}",
           _ratio(by_name, name, "direct", lambda s: s.rate),
           f"{middle(samples, lambda s: s.p99_ms):.2f}"]
    server = f"{middle(samples, lambda s: s.micros(s.server.cpu)):.1f}"
    if samples[0].usage is None:
        return [*row, NOTHING, NOTHING, NOTHING, server, NOTHING, NOTHING]
    return [
        *row, f"{middle(samples, _cpu_micros):.1f}",
        f"{middle(samples, lambda s: s.micros(s.usage.user)):.1f}",
        _ratio(by_name, name, "haproxy", _cpu_micros), server,
        f"{middle(samples, lambda s: (s.usage.voluntary + s.usage.involuntary) / s.queries):.2f}",
        f"{middle(samples, lambda s: s.resident) / MEBI:.1f}"]


def _cpu_micros(sample):
    return sample.micros(sample.usage.cpu)


def large_results(fast, slow):
    """`fast`: {target name: [Large]}; `slow`: {target name: Large}."""
    head = ["", "MB/s", "× direct", "× HAProxy", "CPU s/GB", "CPU × HAProxy", "peak RSS MiB",
            "peak RSS MiB, client reads 20 MB/s"]
    return table(head, [_large_row(name, fast, slow) for name in fast])


def _large_row(name, fast, slow):
    samples = fast[name]
    row = [name, f"{middle(samples, lambda s: s.rate) / 1e6:,.0f}",
           _ratio(fast, name, "direct", lambda s: s.rate),
           _ratio(fast, name, "haproxy", lambda s: s.rate)]
    if samples[0].usage is None:
        return [*row, NOTHING, NOTHING, NOTHING, NOTHING]
    return [*row, f"{middle(samples, _cpu_per_gb):.2f}",
            _ratio(fast, name, "haproxy", _cpu_per_gb),
            f"{max(sample.peak for sample in samples) / MEBI:.1f}",
            f"{slow[name].peak / MEBI:.1f}"]


def _cpu_per_gb(sample):
    return sample.usage.cpu / (sample.size / 1e9)


def scattered(results):
    """`results`: {statement: [Scattered]}."""
    head = ["", "answer", "slowest shard ms", "all shards in turn ms", "through the proxy ms",
            "× slowest shard", "× all shards in turn", "proxy CPU ms", "peak RSS MiB"]
    rows = []
    for statement, samples in results.items():
        slowest = middle(samples, lambda s: max(s.alone))
        all_of_them = middle(samples, lambda s: sum(s.alone))
        rows.append([
            f"`{statement}`", _size(samples[0].size), f"{slowest * 1e3:,.2f}", f"{all_of_them * 1e3:,.2f}",
            f"{middle(samples, lambda s: s.together) * 1e3:,.2f}",
            f"{middle(samples, lambda s: s.together / max(s.alone)):.2f}",
            f"{middle(samples, lambda s: s.together / sum(s.alone)):.2f}",
            f"{middle(samples, lambda s: s.cpu) * 1e3:,.2f}",
            f"{max(sample.peak for sample in samples) / MEBI:.1f}"])
    return table(head, rows)


def _size(size):
    return f"{size / MEBI:,.1f} MiB" if size > MEBI else f"{size:,} B"


def idle(results, connections):
    """`results`: {target name: Idle}."""
    head = [f"{connections:,} idle clients", "KiB each, logged in", "KiB each, after one statement each"]
    return table(head, [[name, f"{result.logged_in / 1024:.1f}", f"{result.after_a_statement / 1024:.1f}"]
                        for name, result in results.items()])


def pools(result, options):
    """`result`: a measure.Pools."""
    head = [f"{options.pool_active:,} clients in turn", "connections to the server", "statements/s",
            "statements of one client, least", "median", "most", "longest wait ms, median", "most"]
    rows = [[name, str(spread.server_connections), f"{sum(spread.answers) / spread.seconds:,.0f}",
             f"{spread.answers[0]:,}", f"{median(spread.answers):,.0f}", f"{spread.answers[-1]:,}",
             f"{median(spread.longest) * 1e3:,.0f}", f"{spread.longest[-1] * 1e3:,.0f}"]
            for name, spread in result.spreads.items()]
    return "\n\n".join([idle({"shardwell": result.idle}, options.pool_idle),
                        point_selects({options.pool_active: result.rates}), table(head, rows)])


def _ratio(by_name, name, base, figure):
    """Against another target of the same rounds, if that was measured and is another one."""
    if base not in by_name or name == base:
        return NOTHING
    return f"{middle_ratio(by_name[name], by_name[base], figure):.2f}"
