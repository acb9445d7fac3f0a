using OpenTelemetry;
using OpenTelemetry.Trace;

namespace ForkGuard.Telemetry;

/// <summary>Pushes traces by OTLP where the environment asks for it. Otherwise no span is recorded.</summary>
internal sealed class TracesExport : IDisposable
{
    private const int LastPushMilliseconds = 500;

    private readonly TracerProvider? _provider;

    internal TracesExport(ServiceIdentity service, params string[] sources) =>
        _provider = OtlpSignal.Traces.IsPushed
            ? Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(service.Resource())
                .AddSource(sources)
                .AddOtlpExporter(OtlpSignal.Traces.Configure)
                .Build()
            : null;

    public void Dispose()
    {
        _ = _provider?.Shutdown(LastPushMilliseconds);
        _provider?.Dispose();
    }
}
