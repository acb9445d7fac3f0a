using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ForkGuard.Agent.Telemetry;

/// <summary>Where the metrics go: to whoever scrapes, and pushed where OTEL_EXPORTER_OTLP_ENDPOINT says.</summary>
internal sealed class AgentTelemetry : IDisposable
{
    private const int LastPushMilliseconds = 500;

    private readonly PrometheusText _text = new();
    private readonly MeterProvider _provider;

    internal AgentTelemetry()
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .AddMeter(AgentMetrics.MeterName)
            .AddReader(new BaseExportingMetricReader(_text));
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
