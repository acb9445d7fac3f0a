using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Restarts.Tests.Scenes;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Restarts.Tests;

public sealed class RestartLogTests
{
    private static readonly RestartRequest Request = new()
    {
        Watch = new WatchReference
        {
            Kind = "ForkWatch",
            Namespace = "shop",
            Name = "redis",
            Uid = "watch-1",
        },
        Policy = RestartPolicy.From(spec: null),
        ActAtPercent = 90,
        Pod = new PodReference
        {
            Namespace = "shop",
            Name = "redis-0",
            Uid = "uid-1",
        },
        Node = "node-a",
        Constraint = ConstraintType.Pids,
        Reason = "95 %",
        BlockedBy = [],
        ReadingAge = TimeSpan.Zero,
        ScanInterval = TimeSpan.FromSeconds(15),
        Cooldown = TimeSpan.FromHours(1),
        CooldownWatch = "ForkWatch shop/redis",
    };

    [Fact]
    public void Logs_a_block_once_until_its_reason_changes_or_it_ends()
    {
        using var lines = new RecordedLog();
        var log = new RestartLog(lines.CreateLogger<RestartLog>());

        log.Blocked(Request, []);
        log.Blocked(Request, [new RestartBlock(BlockReason.Cooldown, "50 min are left")]);
        log.Blocked(Request, [new RestartBlock(BlockReason.Cooldown, "49 min are left")]);
        log.Blocked(Request, [new RestartBlock(BlockReason.Budget, "1 restart is in progress")]);
        log.Blocked(Request, []);
        log.Blocked(Request, []);

        Assert.Equal(
            [
                "ForkWatch shop/redis: pod shop/redis-0 is not restarted, Cooldown: 50 min are left",
                "ForkWatch shop/redis: pod shop/redis-0 is not restarted, Budget: 1 restart is in progress",
                "ForkWatch shop/redis: Budget does not hold the restart of pod shop/redis-0 back any more",
            ],
            lines.Lines
        );
    }

    [Fact]
    public void Logs_the_blocks_of_each_constraint_and_container_of_a_pod_once()
    {
        using var lines = new RecordedLog();
        var log = new RestartLog(lines.CreateLogger<RestartLog>());
        var other = Request with { Constraint = ConstraintType.LargestMapping };
        var sidecar = Request with { Container = "exporter" };

        for (var scan = 0; scan < 3; scan++)
        {
            log.Blocked(Request, [new RestartBlock(BlockReason.OutsideWindow, "no restart window is open")]);
            log.Blocked(other, [new RestartBlock(BlockReason.LimitChanged, "the limit changed")]);
            log.Blocked(sidecar, [new RestartBlock(BlockReason.NotGrowing, "usage does not grow")]);
        }

        Assert.Equal(3, lines.Lines.Count);
    }

    [Fact]
    public void Logs_the_blocks_of_each_pod()
    {
        using var lines = new RecordedLog();
        var log = new RestartLog(lines.CreateLogger<RestartLog>());
        var other = Request with { Pod = Request.Pod with { Name = "redis-1", Uid = "uid-2" } };

        foreach (var request in new[] { Request, other, Request, other })
        {
            log.Blocked(request, [new RestartBlock(BlockReason.Cooldown, "50 min are left")]);
        }

        Assert.Equal(
            [
                "ForkWatch shop/redis: pod shop/redis-0 is not restarted, Cooldown: 50 min are left",
                "ForkWatch shop/redis: pod shop/redis-1 is not restarted, Cooldown: 50 min are left",
            ],
            lines.Lines
        );
    }

    [Fact]
    public void Logs_each_transition_with_its_reason()
    {
        using var lines = new RecordedLog();
        var log = new RestartLog(lines.CreateLogger<RestartLog>());
        var key = new RecordKey(
            "shop",
            new RestartOwner
            {
                ApiVersion = "apps/v1",
                Kind = "Deployment",
                Name = "redis",
            }
        );
        var decided = new ForkRestartStatus
        {
            State = RestartState.Decided,
            Pod = Request.Pod,
            Restart = Run,
            Conditions = [InProgress("Decided", "ForkWatch shop/redis: 95 %")],
        };

        log.Transition(key, before: null, decided);
        log.Transition(
            key,
            decided,
            decided with
            {
                State = RestartState.Idle,
                Restart = null,
                Conditions = [InProgress("Withdrawn", "another restart was first")],
            }
        );

        Assert.Equal(
            [
                "Deployment shop/redis: restart of pod redis-0: Idle -> Decided, Decided: ForkWatch shop/redis: 95 %",
                "Deployment shop/redis: restart of pod redis-0: Decided -> Idle, Withdrawn: another restart was first",
            ],
            lines.Lines
        );
    }

    private static RestartRun Run =>
        new()
        {
            Watch = Request.Watch,
            Pod = Request.Pod,
            Node = Request.Node,
            Constraint = Request.Constraint,
            ActAtPercent = Request.ActAtPercent,
            Reason = Request.Reason,
            OwnerUid = "owner-1",
            ControllerUid = "set-1",
            Siblings = [],
            ReplaceWithinSeconds = 900,
            DecidedTime = DateTimeOffset.UnixEpoch,
        };

    private static Api.Condition InProgress(string reason, string message) =>
        new()
        {
            Type = "InProgress",
            Status = "True",
            Reason = reason,
            Message = message,
        };
}
