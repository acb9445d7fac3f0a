using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

/// <summary>What every part of the runtime reports to and takes its time from; one of each per process.</summary>
public sealed record RuntimeServices(
    TimeProvider Time,
    RuntimeMetrics Metrics,
    HealthRegistry Health,
    ILoggerFactory Logging
);
