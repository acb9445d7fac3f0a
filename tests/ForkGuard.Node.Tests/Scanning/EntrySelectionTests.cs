using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Node.Scanning;
using static ForkGuard.Node.Tests.Scanning.Candidates;

namespace ForkGuard.Node.Tests.Scanning;

public sealed class EntrySelectionTests
{
    /// <summary>K7: one pod must not hide its neighbours.</summary>
    [Fact]
    public void Seventy_processes_of_one_pod_leave_a_neighbour_in_the_report()
    {
        var crowd = Enumerable.Range(1, 70).Select(i => Of(i, Pod("crowd"), $"c{i}", Mapping(50)));
        var neighbours = Enumerable.Range(101, 30).Select(i => Of(i, Pod($"pod{i}"), "redis", Mapping(20)));
        var (chosen, omitted) = Choose([.. crowd, .. neighbours]);
        Assert.Equal(4, chosen.Count(entry => entry.Worst.Group.PodUid == "crowd"));
        Assert.Equal(30, chosen.Count(entry => entry.Worst.Group.PodUid != "crowd"));
        Assert.Equal(51, omitted);
    }

    [Fact]
    public void The_worst_of_every_pod_comes_before_the_second_of_any()
    {
        var pairs = Enumerable
            .Range(1, 40)
            .SelectMany(i =>
                new[] { Of(i, Pod($"p{i}"), "a", Mapping(60)), Of(100 + i, Pod($"p{i}"), "b", Mapping(50)) }
            );
        var single = Of(200, Pod("last"), "redis", Mapping(12));
        var (chosen, omitted) = Choose([.. pairs, single]);
        Assert.Equal(64, chosen.Count);
        Assert.Contains(chosen, entry => entry.Worst.Identity.Pid == 200);
        Assert.Equal(51, omitted);
    }

    [Fact]
    public void The_list_is_in_order_worst_first()
    {
        var (chosen, _) = Choose(
            Of(1, Pod("p"), "a", Mapping(50)),
            Of(2, Pod("p"), "b", Mapping(40)),
            Of(3, Pod("q"), "c", Mapping(45))
        );
        Assert.Equal([1, 3, 2], chosen.Select(entry => entry.Worst.Identity.Pid));
    }

    [Fact]
    public void A_report_has_room_for_64_and_gives_the_highest_percentage_left_out()
    {
        var (chosen, omitted) = Choose([
            .. Enumerable.Range(1, 70).Select(i => Of(i, Unit($"{i}.service"), "x", Mapping(10 + (i / 2)))),
        ]);
        Assert.Equal((64, 14), (chosen.Count, omitted));
        Assert.DoesNotContain(chosen, entry => entry.Percent < 13);
    }

    [Fact]
    public void A_whole_list_leaves_nothing_out()
    {
        var (chosen, omitted) = Choose([.. Enumerable.Range(1, 64).Select(i => Of(i, Pod($"p{i}"), "x", Mapping(20)))]);
        Assert.Equal((64, null), (chosen.Count, omitted));
    }

    [Fact]
    public void Entries_beyond_64_KiB_are_left_out()
    {
        var longest = new string('\u0001', 250);
        List<ScannedProcess> entries =
        [
            .. Enumerable
                .Range(0, 64)
                .Select(i => Scans.Process("x", 90 - i) with { SystemdUnit = longest })
                .Select(report => new ScannedProcess(default, default, report)),
        ];
        var omitted = EntrySelection.Trim(entries, omittedBelowPercent: 5, EntryLimits.Report);
        var status = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            new NodeForkReportStatus { Processes = [.. entries.Select(e => e.Report)] },
            ApiJson.Default.NodeForkReportStatus
        );
        Assert.InRange(status.Length, 60 * 1024, 65 * 1024);
        Assert.Equal(entries[^1].Percent, omitted);
    }

    [Fact]
    public void The_percentage_left_out_is_that_of_a_steady_process_behind_one_that_grows()
    {
        var growing = Enumerable
            .Range(1, 70)
            .Select(i => Of(i, Unit($"{i}.service"), "x", Mapping(72) with { Growing = true }));
        var (chosen, omitted) = Choose([.. growing, Of(100, Unit("b.service"), "x", Mapping(95))]);
        Assert.Equal((64, 96), (chosen.Count, omitted));
    }

    [Fact]
    public void Long_paths_of_two_cgroups_differ_in_a_report_and_keep_their_ends()
    {
        List<ScannedProcess> entries = [Named("a", "one"), Named("b", "two"), Named("c", "two")];
        EntrySelection.Trim(entries, omittedBelowPercent: null, EntryLimits.Report);
        var names = entries.Select(entry => entry.Report.Constraints![0].ScopeName!).ToList();
        Assert.Equal(3, names.Distinct(StringComparer.Ordinal).Count());
        Assert.All(names, name => Assert.InRange(name.Length, 200, 256));
        Assert.EndsWith("/one", names[0], StringComparison.Ordinal);
        Assert.EndsWith("/two", names[1], StringComparison.Ordinal);
    }

    private static ScannedProcess Named(string middle, string end)
    {
        var path = $"/docker/{new string('x', 300)}/{middle}/{new string('y', 240)}/{end}";
        return new ScannedProcess(default, default, Scans.With("x", Pids(90, path)));
    }

    /// <summary>A save does not bind, and is listed from 50 % on.</summary>
    [Theory]
    [InlineData(45, 46)]
    [InlineData(10, 11)]
    [InlineData(9, null)]
    public void A_save_that_no_entry_lists_is_not_proven_to_be_below_the_level(int percent, int? omittedBelow)
    {
        var save = Scans.Constraint(ConstraintType.CopyOnWrite, percent);
        var (chosen, omitted) = Choose(Of(1, Unit("redis.service"), "redis", save));
        Assert.Equal((0, omittedBelow), (chosen.Count, omitted));
    }

    private static (List<GroupEntry> Chosen, int? Omitted) Choose(params Candidate[] candidates)
    {
        var (entries, unlisted) = Evaluated(candidates);
        return EntrySelection.Choose(entries, unlisted, EntryLimits.Report);
    }
}
