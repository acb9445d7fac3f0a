using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ForkGuard.Agent.Telemetry;

/// <summary>Exports metrics: in an answer to a scrape, and by push to the collector of OTEL_EXPORTER_OTLP_ENDPOINT.</summary>
internal sealed class MetricsExport : IDisposable
{
    private const int LastPushMilliseconds = 500;

    private readonly PrometheusText _text = new();
    private readonly MeterProvider _provider;

    internal MetricsExport(params string[] meters)
    {
        var builder = Sdk.CreateMeterProviderBuilder().AddMeter(meters).AddReader(new BaseExportingMetricReader(_text));
        IsPushed = IsSet("OTEL_EXPORTER_OTLP_ENDPOINT") || IsSet("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        if (IsPushed)
        {
            builder.AddOtlpExporter();
        }

        _provider = builder.Build();
    }

    internal bool IsPushed { get; }

    /// <summary>All metrics as they are now, in Prometheus' text format.</summary>
    internal byte[] Scrape() => _text.Scrape();

    public void Dispose()
    {
        // Left to itself it would wait for seconds for a collector that is away.
        _ = _provider.Shutdown(LastPushMilliseconds);
        _provider.Dispose();
    }

    private static bool IsSet(string variable) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable));
}
