using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Watching;

namespace ForkGuard.Cli.Tests;

/// <summary>Limits of a unit that the scan shows in an entry of a command which the watch does not name.</summary>
public sealed class SharedUnitTests
{
    private const string Unit = "web.service";
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ProcessReport Nginx = Process("nginx");

    [Fact]
    public void Tasks_of_the_unit_count_for_a_command_that_the_scan_does_not_list()
    {
        var said = Assert.Single(Evaluate(Shared(ConstraintType.Pids, $"/system.slice/{Unit}"), member: Nginx));

        Assert.Equal(("ForkImpossible", "nginx"), (said.Type, said.Process!.Command));
    }

    [Fact]
    public void A_unit_without_the_command_is_no_target() =>
        Assert.Empty(Evaluate(Shared(ConstraintType.Pids, $"/system.slice/{Unit}"), member: null));

    [Theory]
    [InlineData(ConstraintType.Pids, $"/system.slice/{Unit}/worker")]
    [InlineData(ConstraintType.LargestMapping, null)]
    [InlineData(ConstraintType.ContainerMemory, $"/system.slice/{Unit}")]
    public void A_limit_or_a_fork_cost_of_the_other_process_alone_does_not_count(ConstraintType type, string? scope) =>
        Assert.Empty(Evaluate(Shared(type, scope), member: Nginx));

    private static List<WatchEvent> Evaluate(ConstraintReport constraint, ProcessReport? member)
    {
        var spec = new ClusterForkWatchSpec
        {
            HostProcesses = new HostProcessSelector { Units = [Unit] },
            Commands = [Nginx.Command],
        };
        var events = new List<WatchEvent>();
        new TargetTracker(HostWatch.From("host", spec)!).Evaluate(
            new WatchScan
            {
                Time = Now,
                Interval = TimeSpan.FromSeconds(15),
                State = default,
                Processes = [Process("worker") with { Constraints = [constraint] }],
                UnlistedBelow = 10,
                NodeConstraints = [],
                IsAlive = _ => true,
                FindMember = (_, _) => member,
            },
            events
        );
        return events;
    }

    private static ProcessReport Process(string command) =>
        new()
        {
            Pid = command.Length,
            Command = command,
            SystemdUnit = Unit,
            Verdict = Verdict.CannotFork,
        };

    private static ConstraintReport Shared(ConstraintType type, string? scope) =>
        new()
        {
            Type = type,
            Unit = type == ConstraintType.Pids ? ConstraintUnit.Tasks : ConstraintUnit.Bytes,
            Scope = scope is null ? ConstraintScope.Process : ConstraintScope.Cgroup,
            ScopeName = scope,
            Used = 11,
            Limit = 10,
            Percent = 110,
            Refuses = true,
            Confidence = Confidence.Exact,
        };
}
