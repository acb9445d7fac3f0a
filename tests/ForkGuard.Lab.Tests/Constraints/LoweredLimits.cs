using System.Globalization;
using System.Text.Json;
using ForkGuard.Api.Constraints;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>
/// Limits far above usage, which a running <c>watch</c> keeps because it watches their files (inotify(7)) and nobody wrote them. The
/// guest is as it booted.
/// </summary>
internal sealed class LoweredLimits(ConstraintMachine machine, ITestOutputHelper output)
{
    private const string Watch = "watch";
    private const int KeptSeconds = 45;
    private const int Tasks = 19;
    private const int Tables = 1024;
    private const long CostBytes = Tables * 4096L;

    private int _mode;

    private Guest Guest => machine.Guest;

    /// <summary>
    /// Lowers limits whose first reading is kept, which is for 45 seconds at most. Then lowers others after a second reading, which
    /// is kept for nine minutes at most, since their files were watched by then.
    /// </summary>
    internal async Task AssertWarnsAsync()
    {
        List<Unit> first = [.. await StartAsync(), .. await StartAsync()];
        List<Unit> second = [.. await StartAsync(), .. await StartAsync()];
        await Guest.SpawnAsync(Watch, $"{Initramfs.ForkGuard} watch -f {Initramfs.Manifest} --interval 1 -o json");
        Assert.Contains("\"type\":\"Header\"", await Guest.LineAsync(Watch), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"Scan\"", await Guest.LineAsync(Watch), StringComparison.Ordinal);

        await AssertWarnsOfAsync(first);

        await Guest.AdvanceClockAsync(KeptSeconds + 1);
        Assert.Empty(await NextWarningsAsync());
        await AssertWarnsOfAsync(second);
    }

    private async Task AssertWarnsOfAsync(IReadOnlyList<Unit> units)
    {
        foreach (var unit in units)
        {
            await LowerAsync(unit);
        }

        var expected = units.Select(unit => (unit.Victim.Pid!.Value, unit.Constraint.ToString()));
        Assert.Equal(expected.Order(), (await NextWarningsAsync()).Order());
    }

    /// <summary>
    /// Starts victims, each in a unit of its own and with one limit far above usage. All tasks of the node together come near the first
    /// limit of tasks, so that usage is read too, and not near the second one. Each cgroup is read again at another moment of the 45
    /// seconds for which usage is kept: a few scans read some of them by chance, and never all.
    /// </summary>
    private async Task<IReadOnlyList<Unit>> StartAsync() =>
        [
            await StartAsync(ConstraintType.Pids, "idle 0", Text($"hold {Tasks - 1}"), await NodeTasksAsync()),
            await StartAsync(ConstraintType.Pids, "idle 0", Text($"hold {Tasks - 1}"), 30_000),
            // One page in each table: the tables cost a fork as much as the memory itself.
            await StartAsync(ConstraintType.ContainerMemory, "noreserve 1048576", Text($"scatter {Tables}"), 512 << 20),
            await StartAsync(ConstraintType.ContainerMemory, "noreserve 1048576", Text($"scatter {Tables}"), 256 << 20),
        ];

    private async Task<Unit> StartAsync(ConstraintType constraint, string layout, string command, long limit)
    {
        var cgroup = await machine.Cgroups.AddServiceAsync();
        var victim = await cgroup.StartAsync(layout);
        await victim.DoAsync(command);
        var unit = new Unit(cgroup, victim, constraint);
        await unit.LimitAsync(limit);
        return unit;
    }

    /// <summary>
    /// Lowers the limit so that 95 % of the tasks are used, or that there is room for an eighth of a fork: more room proves nothing,
    /// since usage is an upper bound.
    /// </summary>
    private static async Task LowerAsync(Unit unit) =>
        await unit.LimitAsync(
            unit.Constraint == ConstraintType.Pids
                ? Tasks + 1
                : await unit.Cgroup.ReadAsync(CgroupLevel.Container, "memory.current") + (CostBytes / 8)
        );

    /// <summary>
    /// Returns the warnings before the third of three changes of the mode, each of which the next scan reports. The scan that reports
    /// the first one may have begun earlier than this call. The second one begins later, and writes its warnings before the third.
    /// </summary>
    private async Task<IReadOnlyList<(int Pid, string Constraint)>> NextWarningsAsync()
    {
        var warnings = new List<(int, string)>();
        for (var change = 0; change < 3; change++)
        {
            await Guest.SetModeAsync(_mode ^= 1);
            while (await EventAsync() is { } warning)
            {
                warnings.Add(warning);
            }
        }

        return warnings;
    }

    /// <summary>Reads an event; null for a change of the mode.</summary>
    private async Task<(int Pid, string Constraint)?> EventAsync()
    {
        var line = await Guest.LineAsync(Watch);
        output.WriteLine(line);
        Assert.Contains("\"type\":\"Event\"", line, StringComparison.Ordinal);
        using var document = JsonDocument.Parse(line);
        var json = document.RootElement;
        var name = json.GetProperty("event").GetString();
        if (name == "OvercommitModeChanged")
        {
            return null;
        }

        Assert.True(name is "ForkNearLimit" or "ForkAtRisk" or "ForkImpossible", line);
        return (
            json.GetProperty("process").GetProperty("pid").GetInt32(),
            json.GetProperty("constraint").GetProperty("type").GetString()!
        );
    }

    private async Task<long> NodeTasksAsync()
    {
        var words = (await Guest.ReadAsync("/proc/loadavg")).Split(' ', '/');
        return long.Parse(words[4], CultureInfo.InvariantCulture);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed record Unit(GuestContainer Cgroup, GuestVictim Victim, ConstraintType Constraint)
    {
        internal Task LimitAsync(long value) =>
            Cgroup.WriteAsync(
                CgroupLevel.Container,
                Constraint == ConstraintType.Pids ? "pids.max" : "memory.max",
                value
            );
    }
}
