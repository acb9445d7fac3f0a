namespace ForkGuard.Host.Systemd;

/// <summary>A unit as systemd has it (org.freedesktop.systemd1(5)).</summary>
internal sealed record UnitState
{
    /// <summary>The name that its cgroup has.</summary>
    internal required string Id { get; init; }

    /// <summary>Its name and its aliases.</summary>
    internal required IReadOnlyList<string> Names { get; init; }

    /// <summary>Such as loaded, not-found, masked or bad-setting.</summary>
    internal required string LoadState { get; init; }

    /// <summary>active, reloading, inactive, failed, activating or deactivating.</summary>
    internal required string ActiveState { get; init; }

    /// <summary>Another one for each start, in hexadecimal digits; empty before the first.</summary>
    internal required string InvocationId { get; init; }

    /// <summary>When it became active; the beginning of time before the first start.</summary>
    internal DateTimeOffset StartedTime { get; init; }

    /// <summary>A start, stop, restart or reload is queued or runs.</summary>
    internal bool HasJob { get; init; }
    internal bool CanStart { get; init; }
    internal bool RefusesManualStart { get; init; }
    internal bool RefusesManualStop { get; init; }

    /// <summary>Type= of a service; empty for another unit.</summary>
    internal string Type { get; init; } = "";

    /// <summary>Cause of the last failure of a service, such as exit-code; success without one.</summary>
    internal string Result { get; init; } = "";

    /// <summary>TimeoutStartSec= of a service.</summary>
    internal TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>TimeoutStopSec= of a service.</summary>
    internal TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>It runs, and is not about to end.</summary>
    internal bool IsUp => ActiveState is "active" or "reloading";

    /// <summary>It does not run, and systemd does not start it.</summary>
    internal bool IsDown => ActiveState is "inactive" or "failed" && !HasJob;
}
