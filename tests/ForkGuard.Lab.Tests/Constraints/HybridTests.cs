using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>A machine where one controller is that of v1 and another that of v2.</summary>
[Trait("Needs", "Machine")]
public sealed class HybridTests(BookwormHybrid machine, ITestOutputHelper output)
    : IAsyncLifetime,
        IClassFixture<BookwormHybrid>
{
    private const int Tables = 1024;
    private const long CostBytes = Tables * 4096L;

    public async ValueTask InitializeAsync()
    {
        output.WriteLine(machine.Name);
        await machine.ResetAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Pids_are_limited_by_v2()
    {
        var cases = new List<ConstraintCase>();
        foreach (var level in (CgroupLevel[])[CgroupLevel.Container, CgroupLevel.Pod, CgroupLevel.Pods])
        {
            foreach (var free in (int[])[0, 1])
            {
                var container = await machine.Cgroups.AddAsync((CgroupDriver)(cases.Count / 2 % 2));
                var victim = await container.StartAsync("idle 0");
                await victim.DoAsync("hold 2");
                cases.Add(await container.LimitPidsAsync(victim, level, free));
            }
        }

        ConstraintTrial.AssertRight(await machine.TryAsync(nameof(ConstraintType.Pids), cases));
    }

    [Fact]
    public async Task Memory_is_limited_by_v1()
    {
        var cases = new List<ConstraintCase>();
        foreach (var level in (CgroupLevel[])[CgroupLevel.Container, CgroupLevel.Pod])
        {
            foreach (var (room, error) in ((long, int)[])[(CostBytes / 2, ForkOutcome.Killed), (CostBytes * 2, 0)])
            {
                var container = await machine.Cgroups.AddAsync((CgroupDriver)(cases.Count / 2 % 2));
                // One page in each table: the tables cost a fork as much as the memory itself.
                var victim = await container.StartAsync("noreserve 1048576");
                await victim.DoAsync(string.Create(CultureInfo.InvariantCulture, $"scatter {Tables}"));
                await container.LimitMemoryAsync(level, room);
                var description = string.Create(CultureInfo.InvariantCulture, $"room {room} at the level {level}");
                cases.Add(new(victim, error) { Description = description });
            }
        }

        ConstraintTrial.AssertRight(await machine.TryAsync(nameof(ConstraintType.ContainerMemory), cases));
    }

    [Fact]
    public Task A_running_watch_warns_of_each_lowered_limit_in_its_next_scans() =>
        new LoweredLimits(machine, output).AssertWarnsAsync();
}
