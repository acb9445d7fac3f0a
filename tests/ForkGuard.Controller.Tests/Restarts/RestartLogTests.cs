using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Controller.Restarts;
using ForkGuard.Policy.Restarts;
using ForkGuard.Policy.Risk;
using Microsoft.Extensions.Logging;

namespace ForkGuard.Controller.Tests.Restarts;

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
        var lines = new Lines();
        var log = new RestartLog(lines);

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
            lines.All
        );
    }

    private sealed class Lines : ILogger<RestartLog>
    {
        internal List<string> All { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => All.Add(formatter(state, exception));
    }
}
