using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace ForkGuard.Telemetry;

/// <summary>
/// Exports metrics: in an answer to a scrape, and by OTLP where the environment asks for it. Counters that are created after
/// it exist from 0 on.
/// </summary>
internal sealed class MetricsExport : IDisposable
{
    private const int LastPushMilliseconds = 500;

    private readonly PrometheusText _text;
    private readonly MeterProvider _provider;
    private readonly BuildInfo _build;

    internal MetricsExport(ServiceIdentity service, params string[] meters)
    {
        var resource = service.Resource();
        _text = new PrometheusText(resource.Build());
        var builder = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter([BuildInfo.MeterName, MetricStreams.RuntimeMeter, .. meters])
            .AddProcessInstrumentation()
            .AddView(MetricStreams.Of)
            .AddReader(new BaseExportingMetricReader(_text));
        if (IsPushed)
        {
            builder.AddOtlpExporter(OtlpSignal.Metrics.Configure);
        }

        _provider = builder.Build();
        _build = new BuildInfo();
    }

    internal static bool IsPushed => OtlpSignal.Metrics.IsPushed;

    /// <summary>All metrics as they are now, in Prometheus' text format.</summary>
    internal byte[] Scrape() => _text.Scrape();

    public void Dispose()
    {
        // Left to itself it would wait for seconds for a collector that is away.
        _ = _provider.Shutdown(LastPushMilliseconds);
        _provider.Dispose();
        _build.Dispose();
    }
}
