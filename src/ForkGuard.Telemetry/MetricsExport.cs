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
    private readonly MeterProvider _lasting;
    private readonly MeterProvider _passing;
    private readonly BuildInfo _build;

    internal MetricsExport(ServiceIdentity service, params string[] meters)
    {
        var resource = service.Resource();
        _text = new PrometheusText(resource.Build());
        _lasting = Build(
            Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter([BuildInfo.MeterName, MetricStreams.RuntimeMeter, .. meters])
                .AddProcessInstrumentation()
                .AddView(MetricStreams.Lasting),
            MetricReaderTemporalityPreference.Cumulative
        );
        // The SDK takes back the memory of series that are gone only where it does not have to add up.
        _passing = Build(
            Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(meters)
                .AddView(MetricStreams.Passing),
            MetricReaderTemporalityPreference.Delta
        );
        _build = new BuildInfo();
    }

    internal static bool IsPushed => OtlpSignal.Metrics.IsPushed;

    /// <summary>All metrics as they are now, in Prometheus' text format.</summary>
    internal byte[] Scrape() => _text.Scrape();

    public void Dispose()
    {
        // Left to itself it would wait for seconds for a collector that is away.
        _ = _lasting.Shutdown(LastPushMilliseconds);
        _ = _passing.Shutdown(LastPushMilliseconds);
        _lasting.Dispose();
        _passing.Dispose();
        _build.Dispose();
    }

    private MeterProvider Build(MeterProviderBuilder builder, MetricReaderTemporalityPreference temporality)
    {
        builder.AddReader(new BaseExportingMetricReader(_text) { TemporalityPreference = temporality });
        if (IsPushed)
        {
            builder.AddOtlpExporter(
                (exporter, reader) =>
                {
                    OtlpSignal.Metrics.Configure(exporter);
                    reader.TemporalityPreference = temporality;
                }
            );
        }

        return builder.Build();
    }
}
