using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Cli.Output;
using ForkGuard.Cli.Ranking;

namespace ForkGuard.Cli.Tests;

/// <summary>Order, filter and columns of top.</summary>
public class TopViewTests
{
    private static readonly ProcessReport Steady = Of(1, "steady", used: 90, growth: null, left: null);
    private static readonly ProcessReport Fast = Of(2, "fast", used: 50, growth: 10, left: 300);
    private static readonly ProcessReport Slow = Of(3, "slow", used: 80, growth: 1, left: 1200) with
    {
        Pod = new PodReference { Namespace = "shop", Name = "redis-0" },
        Container = new ContainerReference { Name = "redis" },
    };

    [Theory]
    [InlineData("worst", 2, 3, 1)]
    [InlineData("used", 1, 3, 2)]
    [InlineData("growth", 2, 3, 1)]
    [InlineData("left", 2, 3, 1)]
    [InlineData("pid", 1, 2, 3)]
    [InlineData("command", 2, 3, 1)]
    [InlineData("owner", 2, 1, 3)]
    public void Rows_are_ordered_by_the_key(string key, params int[] pids) =>
        Assert.Equal(pids, new TopView(key, "").Apply([Fast, Slow, Steady], 10).Select(process => process.Pid));

    [Theory]
    [InlineData("SHOP", 3)]
    [InlineData("fast", 2)]
    [InlineData("2", 2)]
    [InlineData("pids", 2, 3, 1)]
    [InlineData("nothing")]
    public void A_filter_is_part_of_command_owner_or_constraint_or_the_pid(string filter, params int[] pids) =>
        Assert.Equal(
            pids,
            new TopView(TopView.Worst, filter).Apply([Fast, Slow, Steady], 10).Select(process => process.Pid)
        );

    [Fact]
    public void The_next_key_after_the_last_is_the_first()
    {
        var view = new TopView(TopView.Worst, "");
        var seen = new List<string>();
        foreach (var _ in TopView.Keys)
        {
            seen.Add(view.Sort);
            view = view.NextSort();
        }

        Assert.Equal(TopView.Keys, seen, StringComparer.Ordinal);
        Assert.Equal(TopView.Worst, view.Sort);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public void A_table_fits_and_keeps_the_verdict(int columns)
    {
        var lines = ProcessTable.Lines([ProcessRow.Cells(Slow), ProcessRow.Cells(Steady)], columns);
        Assert.All(lines, line => Assert.InRange(line.Length, 1, columns));
        Assert.All(lines.Skip(1), line => Assert.Contains("CanFork, near the limit", line, StringComparison.Ordinal));
        Assert.Equal(columns >= 80, lines[1].Contains("redis-0/redis", StringComparison.Ordinal));
    }

    private static ProcessReport Of(int pid, string command, long used, long? growth, long? left) =>
        new()
        {
            Pid = pid,
            Command = command,
            Verdict = Verdict.CanFork,
            BindingConstraint = ConstraintType.Pids,
            Constraints =
            [
                new ConstraintReport
                {
                    Type = ConstraintType.Pids,
                    Unit = ConstraintUnit.Tasks,
                    Used = used,
                    Limit = 100,
                    Percent = (int)used,
                    Confidence = Confidence.Exact,
                    GrowthPerMinute = growth,
                    SecondsToLimit = left,
                },
            ],
        };
}
