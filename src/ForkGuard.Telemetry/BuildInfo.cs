using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;

namespace ForkGuard.Telemetry;

/// <summary>The build that runs, as labels of a gauge that is always 1.</summary>
internal sealed class BuildInfo : IDisposable
{
    internal const string MeterName = "ForkGuard.Telemetry";

    private readonly Meter _meter = new(MeterName);

    internal BuildInfo() =>
        _meter.CreateObservableGauge(
            "forkguard.build.info",
            static () =>
                new Measurement<int>(
                    1,
                    new("version", ServiceIdentity.Version),
                    new("runtime", RuntimeInformation.FrameworkDescription),
                    new("architecture", RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant())
                ),
            description: "Version of ForkGuard and of its runtime; always 1."
        );

    public void Dispose() => _meter.Dispose();
}
