using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Host.Restarts;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;
using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.Host.Tests;

/// <summary>A restarter on a folder of its own, which can be killed and started again.</summary>
internal sealed class Bench : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("forkguard-state-");
    private readonly List<UnitEvent> _events = [];
    private UnitRestarter? _restarter;

    internal FakeSystemd Systemd { get; } = new();
    internal FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>The time by which the clock of the machine was set forward.</summary>
    internal TimeSpan ClockIsAhead { get; set; }

    /// <summary>Of the machine.</summary>
    internal string BootId { get; set; } = "boot-1";

    /// <summary>The state directory.</summary>
    internal string? Folder
    {
        get => field ?? _folder.FullName;
        set;
    }

    internal bool HasFolder { get; set; } = true;

    /// <summary>The process of the evidence runs, unless its unit was restarted after the scan.</summary>
    internal bool IsAlive { get; set; } = true;

    internal int Percent { get; set; } = 95;

    /// <summary>When the usage settled after a start; null if the reading does not have it.</summary>
    internal DateTimeOffset? SettledTime { get; set; }
    internal RestartPolicy Policy { get; set; } = RestartPolicy.From(null) with { MinReadyReplicas = 0 };
    internal IReadOnlyList<BlockReason> BlockedBy { get; set; } = [];
    internal bool IsDryRun { get; set; }
    internal TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(5);
    internal string Named { get; set; } = FakeSystemd.Unit;

    internal static WatchReference Watch { get; } =
        new()
        {
            Kind = "ClusterForkWatch",
            Name = "host",
            Uid = "1",
        };

    /// <summary>Types and messages of the events so far.</summary>
    internal IReadOnlyList<string> Events => [.. _events.Select(e => $"{e.Type} {e.Unit} {e.Message}")];

    internal ForkRestartStatus? Record => ReadRecord()?.Status;

    /// <summary>A scan, and the steps that follow from it. False if the process was killed.</summary>
    internal async Task<bool> ScanAsync(bool isWanted = true, TimeSpan? after = null)
    {
        Time.Advance(after ?? TimeSpan.FromSeconds(5));
        _restarter ??= new UnitRestarter(
            HasFolder ? Folder : null,
            _ => Task.FromResult<ForkGuard.Host.Systemd.ISystemd>(Systemd),
            new HostIdentity("host", "forkguard.service", BootId),
            new SetClock(this)
        );
        _restarter.Observe(Scan(isWanted));
        try
        {
            await _restarter.Idle;
        }
        catch (KilledException)
        {
            Kill();
            return false;
        }

        _events.AddRange(_restarter.TakeEvents());
        return true;
    }

    /// <summary>A scan that comes while the steps of an earlier one run.</summary>
    internal void ScanMeanwhile(bool isWanted) => _restarter!.Observe(Scan(isWanted));

    /// <summary>The process ends, and what it had not written is lost.</summary>
    internal void Kill()
    {
        _restarter?.Dispose();
        _restarter = null;
    }

    internal ForkRestart? ReadRecord()
    {
        var file = Directory.EnumerateFiles(Folder!, "*.json").SingleOrDefault();
        return file is null
            ? null
            : System.Text.Json.JsonSerializer.Deserialize(File.ReadAllText(file), ApiJson.Default.ForkRestart);
    }

    public void Dispose()
    {
        Kill();
        _folder.Delete(recursive: true);
    }

    private UnitScan Scan(bool isWanted)
    {
        var invocation = Systemd.State.InvocationId;
        var constraint = new ConstraintReport
        {
            Type = ConstraintType.Pids,
            Unit = ConstraintUnit.Tasks,
            Used = Percent,
            Limit = 100,
            Percent = Percent,
            Confidence = Confidence.Exact,
            Settled = SettledTime is { } time ? new SettledReport { Time = time, Used = 20 } : null,
            Scope = ConstraintScope.Cgroup,
            ScopeName = $"/system.slice/{FakeSystemd.Unit}",
        };
        var process = new ProcessReport
        {
            Pid = FakeSystemd.Pid,
            Command = "redis-server",
            SystemdUnit = FakeSystemd.Unit,
            Constraints = [constraint],
        };
        return new UnitScan
        {
            Time = Time.GetUtcNow() + ClockIsAhead,
            Timestamp = new SetClock(this).GetTimestamp(),
            Interval = Interval,
            OvercommitMode = 1,
            Processes = [process],
            UnlistedBelow = 50,
            Units = [new NamedUnit(Watch, Named)],
            Wants = isWanted
                ?
                [
                    new UnitWant
                    {
                        Watch = Watch,
                        Unit = FakeSystemd.Unit,
                        Policy = Policy,
                        ActAtPercent = 90,
                        Process = process,
                        Constraint = constraint,
                        Reason = "95 of 100 tasks",
                        BlockedBy = BlockedBy,
                        Cooldown = Policy.Cooldown,
                        CooldownWatch = Watch.ToString(),
                        IsDryRun = IsDryRun,
                    },
                ]
                : [],
            IsAlive = _ => IsAlive && Systemd.State.InvocationId == invocation,
        };
    }

    private sealed class SetClock(Bench bench) : TimeProvider
    {
        public override long TimestampFrequency => bench.Time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => bench.Time.GetUtcNow() + bench.ClockIsAhead;

        // The machine started an hour before.
        public override long GetTimestamp() => bench.Time.GetTimestamp() - bench.Time.Start.AddHours(-1).Ticks;
    }
}
