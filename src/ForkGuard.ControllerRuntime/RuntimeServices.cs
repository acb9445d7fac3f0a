using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

/// <summary>Log, metrics and clock of every part of the runtime; one of each per process.</summary>
public sealed record RuntimeServices(
    TimeProvider Time,
    RuntimeMetrics Metrics,
    HealthRegistry Health,
    ILoggerFactory Logging
);
