using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ForkGuard.Agent.Telemetry;

/// <summary>
/// The metrics in Prometheus' text format 0.0.4, collected when asked for. OpenTelemetry's own exporters for Prometheus
/// need ASP.NET Core or HttpListener; the one is larger than the whole agent, the other cannot listen on all addresses.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusText : BaseExporter<Metric>, IPullMetricExporter
{
    private const int LimitMilliseconds = 5000;

    private readonly StringBuilder _text = new();
    private readonly Lock _guard = new();

    /// <summary>Set by the reader.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>All metrics as they are now.</summary>
    internal byte[] Scrape()
    {
        lock (_guard)
        {
            _text.Clear();
            _ = Collect?.Invoke(LimitMilliseconds);
            return Encoding.UTF8.GetBytes(_text.ToString());
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        foreach (var metric in batch)
        {
            Append(metric);
        }

        return ExportResult.Success;
    }

    private void Append(Metric metric)
    {
        var name = NameOf(metric);
        var type = metric.MetricType switch
        {
            MetricType.LongSum or MetricType.DoubleSum => "counter",
            MetricType.Histogram => "histogram",
            _ => "gauge",
        };
        _text.Append("# HELP ").Append(name).Append(' ').Append(Escape(metric.Description)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var labels = LabelsOf(point.Tags);
            switch (metric.MetricType)
            {
                case MetricType.LongSum:
                    Line(name, labels, point.GetSumLong());
                    break;
                case MetricType.DoubleSum:
                    Line(name, labels, point.GetSumDouble());
                    break;
                case MetricType.LongGauge:
                    Line(name, labels, point.GetGaugeLastValueLong());
                    break;
                case MetricType.DoubleGauge:
                    Line(name, labels, point.GetGaugeLastValueDouble());
                    break;
                case MetricType.Histogram:
                    AppendHistogram(name, labels, point);
                    break;
            }
        }
    }

    private void AppendHistogram(string name, string labels, MetricPoint point)
    {
        var count = 0L;
        foreach (var bucket in point.GetHistogramBuckets())
        {
            count += bucket.BucketCount;
            var bound = double.IsPositiveInfinity(bucket.ExplicitBound) ? "+Inf" : Number(bucket.ExplicitBound);
            Line($"{name}_bucket", Join(labels, $"le=\"{bound}\""), count);
        }

        Line($"{name}_sum", labels, point.GetHistogramSum());
        Line($"{name}_count", labels, point.GetHistogramCount());
    }

    private void Line(string name, string labels, double value)
    {
        _text.Append(name);
        if (labels.Length > 0)
        {
            _text.Append('{').Append(labels).Append('}');
        }

        _text.Append(' ').Append(Number(value)).Append('\n');
    }

    // As OpenTelemetry's compatibility rules have it: the unit in words, and _total for what only grows.
    private static string NameOf(Metric metric)
    {
        var unit = metric.Unit switch
        {
            "By" => "_bytes",
            "s" => "_seconds",
            "1" => "_ratio",
            _ => "",
        };
        var total = metric.MetricType is MetricType.LongSum or MetricType.DoubleSum ? "_total" : "";
        return Underscored(metric.Name) + unit + total;
    }

    private static string LabelsOf(ReadOnlyTagCollection tags)
    {
        var labels = "";
        foreach (var tag in tags)
        {
            var value = Escape(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "");
            labels = Join(
                labels,
                $"{Underscored(tag.Key)}=\"{value.Replace("\"", "\\\"", StringComparison.Ordinal)}\""
            );
        }

        return labels;
    }

    private static string Join(string labels, string label) => labels.Length == 0 ? label : $"{labels},{label}";

    private static string Underscored(string name) => name.Replace('.', '_');

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
