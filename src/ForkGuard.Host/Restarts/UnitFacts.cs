using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Host.Systemd;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Host.Restarts;

/// <summary>A unit as the steps of a restart see it: what a pod is in a cluster, with the invocation as its uid.</summary>
internal static class UnitFacts
{
    /// <summary>systemd queues the job before it answers; without one for this long, there is none.</summary>
    private static readonly TimeSpan JobIsQueued = TimeSpan.FromSeconds(2);

    internal static RestartOwner OwnerOf(string unit) =>
        new()
        {
            ApiVersion = "systemd",
            Kind = "Unit",
            Name = unit,
        };

    /// <param name="unit">The unit as systemd has it.</param>
    /// <param name="run">The restart in progress; null without one.</param>
    /// <param name="host">The name of this machine.</param>
    /// <param name="ownUnit">The unit of this process; null if it runs in none.</param>
    /// <param name="now">The time.</param>
    internal static RestartFacts Of(UnitState unit, RestartRun? run, string host, string? ownUnit, DateTimeOffset now)
    {
        var unmanaged = Unmanaged(unit);
        return new RestartFacts
        {
            IsLeader = true,
            Pod = new PodFacts
            {
                Uid = unit.InvocationId,
                Node = host,
                IsTerminating = !unit.IsUp || unit.HasJob,
                IsStatic = !unit.CanStart || unit.RefusesManualStart || unit.RefusesManualStop,
                IsCritical = CriticalUnits.Contain(unit.Names, ownUnit),
                RunsToCompletion = string.Equals(unit.Type, "oneshot", StringComparison.Ordinal),
                GracePeriodSeconds = (int)unit.StopTimeout.TotalSeconds,
            },
            Owner = unmanaged is not null
                ? null
                : new OwnerFacts
                {
                    Owner = OwnerOf(unit.Id),
                    Uid = unit.Id,
                    ControllerUid = unit.Id,
                    ProgressDeadline = unit.StartTimeout,
                },
            Unmanaged = unmanaged,
            NotReplaced = run is null ? null : NotReplaced(unit, run, now),
            Siblings =
            [
                new SiblingPod(
                    unit.InvocationId,
                    unit.Id,
                    host,
                    unit.Id,
                    string.Equals(unit.ActiveState, "active", StringComparison.Ordinal),
                    !unit.IsUp
                ),
            ],
            Node = new NodeFacts(IsReady: true, IsDraining: false, Zone: null),
        };
    }

    /// <summary>Why systemd would not start the unit again; null if it would.</summary>
    internal static string? Unmanaged(UnitState unit) =>
        unit.LoadState switch
        {
            "loaded" => null,
            "not-found" => $"systemd knows no unit {unit.Id}; compare its name with `systemctl list-units`",
            "masked" => $"unit {unit.Id} is masked; `systemctl unmask {unit.Id}` allows it to start again",
            var state => $"systemd could not load unit {unit.Id} ({state}); see `systemctl status {unit.Id}`",
        };

    /// <summary>Why the processes of the unit are not found by this name; null if they are.</summary>
    internal static string? Misnamed(UnitState unit, string name) =>
        string.Equals(unit.Id, name, StringComparison.Ordinal)
            ? null
            : $"{name} is an alias of unit {unit.Id}, whose processes only that name selects; set it in hostProcesses.units";

    /// <summary>Reads the level of the restarted unit in a scan; null if nothing is proven.</summary>
    internal static ReplacementReading? ReadingOf(RestartRun run, UnitScan scan, string host)
    {
        if (run.Replacement is null)
        {
            return null;
        }

        if (ProofReadings.HasMoved(run, host, scan.OvercommitMode, scan.LimitChanged))
        {
            return new ReplacementReading(ProofLevel.Changed, 0, scan.Time);
        }

        IReadOnlyList<ProcessReport> own =
        [
            .. scan.Processes.Where(process =>
                process.Pod is null
                && string.Equals(process.SystemdUnit, run.Pod.Name, StringComparison.Ordinal)
                && (
                    run.Scope == ConstraintScope.Cgroup
                    || string.Equals(process.Command, run.Command, StringComparison.Ordinal)
                )
            ),
        ];
        return ProofReadings.Of(run, own, scan.UnlistedBelow, scan.Time);
    }

    private static string? NotReplaced(UnitState unit, RestartRun run, DateTimeOffset now) =>
        unit.IsDown
            ? string.Equals(unit.ActiveState, "failed", StringComparison.Ordinal)
                ? $"unit {unit.Id} failed to start again ({unit.Result}), and forkguard gives up; see `systemctl status {unit.Id}`"
                : $"unit {unit.Id} is stopped, and forkguard does not start it"
            : unit is { IsUp: true, HasJob: false }
            && string.Equals(unit.InvocationId, run.Pod.Uid, StringComparison.Ordinal)
            && now - run.LastCallTime > JobIsQueued
                ? $"systemd dropped the restart of unit {unit.Id}, and it runs as before"
                : null;
}
