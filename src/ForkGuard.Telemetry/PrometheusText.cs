using System.Globalization;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace ForkGuard.Telemetry;

/// <summary>
/// Metrics in Prometheus' text format 0.0.4, collected for each scrape. OpenTelemetry's own exporters for Prometheus need
/// ASP.NET Core or HttpListener: the first is larger than the whole agent, the second cannot listen on all addresses.
/// </summary>
/// <param name="resource">The program, which becomes the labels of <c>target_info</c>.</param>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusText(Resource resource) : BaseExporter<Metric>, IPullMetricExporter
{
    /// <summary>Content type of the format.</summary>
    internal const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const int LimitMilliseconds = 5000;
    private const string CountSuffix = "_count";

    private readonly StringBuilder _text = new();
    private readonly Lock _guard = new();

    /// <summary>Collects from all readers; each adds itself.</summary>
    public Func<int, bool>? Collect
    {
        get;
        set => field += value;
    }

    /// <summary>All metrics as they are now.</summary>
    internal byte[] Scrape()
    {
        lock (_guard)
        {
            _text.Clear();
            Head("target_info", "gauge", "Attributes of the resource that is measured.");
            Line("target_info", LabelsOf(resource.Attributes), 1);
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
        Head(name, type, metric.Description);
        foreach (ref readonly var point in metric.GetMetricPoints())
        {
            var labels = LabelsOf(Listed(point.Tags));
            switch (metric.MetricType)
            {
                case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                    Line(name, labels, point.GetSumLong());
                    break;
                case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
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

    private void Head(string name, string type, string help)
    {
        _text.Append("# HELP ").Append(name).Append(' ').Append(Escape(help)).Append('\n');
        _text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
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

    // OpenTelemetry's compatibility rules: the unit in words, and _total for a counter. Prometheus reserves _count for
    // histograms: thread.count is threads.
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
        var name = Underscored(metric.Name);
        return name.EndsWith(CountSuffix, StringComparison.Ordinal)
            ? $"{name[..^CountSuffix.Length]}s{total}"
            : name + unit + total;
    }

    private static List<KeyValuePair<string, object>> Listed(ReadOnlyTagCollection tags)
    {
        var list = new List<KeyValuePair<string, object>>(tags.Count);
        foreach (var tag in tags)
        {
            list.Add(new(tag.Key, tag.Value ?? ""));
        }

        return list;
    }

    private static string LabelsOf(IEnumerable<KeyValuePair<string, object>> tags)
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
