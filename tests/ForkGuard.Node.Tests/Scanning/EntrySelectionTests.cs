using ForkGuard.Api;
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

    private static (List<GroupEntry> Chosen, int? Omitted) Choose(params Candidate[] candidates) =>
        EntrySelection.Choose(Entries(candidates), EntryLimits.Report);
}
