using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Tests.Cgroups;

namespace ForkGuard.Kernel.Tests.Checks;

public sealed class RefusedForksTests : IDisposable
{
    private const int All = 100;

    private readonly CapturedCgroups _files = new();
    private readonly Lazy<CgroupRoot> _root;

    public RefusedForksTests()
    {
        _files.AddUnified("/");
        _root = new Lazy<CgroupRoot>(_files.Open);
        Set("pod", 0);
    }

    [Fact]
    public void Adds_up_the_counts_of_the_limiting_cgroup_and_of_all_below_it()
    {
        Set("pod", 1);
        Set("pod/a", 2);
        Set("pod/b", 0);
        Set("pod/b/c", 4);
        Set("other", 100);

        Assert.Equal(7UL, RefusedForks.Count(Find("/pod")));
        Assert.Equal(4UL, RefusedForks.Count(Find("/pod/b")));
    }

    [Fact]
    public void Refusals_for_an_inner_limit_do_not_count_for_the_outer_one()
    {
        Set("pod", 1);
        Set("pod/open", 2);
        Set("pod/limited", 10);
        Set("pod/limited/below", 20);
        _files.Write("pod/pids.max", "100\n");
        _files.Write("pod/open/pids.max", "max\n");
        _files.Write("pod/limited/pids.max", "5\n");
        var forks = new RefusedForks(Find("/pod"));

        Assert.Equal(3UL, Read(forks));
        Assert.Equal(30UL, RefusedForks.Count(Find("/pod/limited")));

        Set("pod/limited", 11);
        Assert.Equal(3UL, Read(forks));
        _files.Write("pod/limited/pids.max", "max\n");
        Assert.Equal(3UL, Read(forks));
        Set("pod/limited/below", 22);
        Assert.Equal(5UL, Read(forks));
    }

    [Fact]
    public void The_first_count_after_a_restart_is_no_new_refusal()
    {
        Set("pod/a", 7);
        Set("pod/b", 5);
        var forks = new RefusedForks(Find("/pod"), earlier: 3);
        Assert.Equal(3UL, Read(forks));

        Set("pod/a", 8);
        Assert.Equal(4UL, Read(forks));
    }

    [Fact]
    public void A_cgroup_that_was_removed_changes_nothing()
    {
        Set("pod/a", 2);
        Set("pod/b", 3);
        var forks = new RefusedForks(Find("/pod"));
        Assert.Equal(5UL, Read(forks));

        Remove("pod/b");
        Assert.Equal(5UL, Read(forks));
        Set("pod/a", 4);
        Assert.Equal(7UL, Read(forks));
    }

    [Fact]
    public void A_cgroup_that_was_made_later_adds_what_it_counts_and_no_more()
    {
        Set("pod/a", 2);
        var forks = new RefusedForks(Find("/pod"));
        Assert.Equal(2UL, Read(forks));

        Set("pod/b", 0);
        Assert.Equal(2UL, Read(forks));
        Set("pod/c", 3);
        Assert.Equal(5UL, Read(forks));
    }

    [Fact]
    public void A_renamed_cgroup_is_still_the_same()
    {
        Set("pod/a", 2);
        var forks = new RefusedForks(Find("/pod"));
        Assert.Equal(2UL, Read(forks));

        Directory.Move(_files.PathOf("pod/a"), _files.PathOf("pod/z"));

        Assert.Equal(2UL, Read(forks));
    }

    [Fact]
    public void A_limiting_cgroup_that_was_made_again_starts_from_its_own_count()
    {
        Set("pod", 9);
        var forks = new RefusedForks(Find("/pod"));
        Assert.Equal(9UL, Read(forks));

        // Both exist for a moment, so that the file system cannot give the second one the number of the first.
        Directory.Move(_files.PathOf("pod"), _files.PathOf("old"));
        Set("pod", 1);

        Assert.Equal(1UL, Read(forks));
    }

    [Fact]
    public void Refusals_of_a_cgroup_that_was_made_again_count_after_a_restart_too()
    {
        Set("pod", 40);
        var forks = new RefusedForks(Find("/pod"), earlier: 500);
        Assert.Equal(500UL, Read(forks));

        Directory.Move(_files.PathOf("pod"), _files.PathOf("old"));
        Set("pod", 0);
        Assert.Equal(500UL, Read(forks));
        Set("pod", 30);

        Assert.Equal(530UL, Read(forks));
    }

    [Fact]
    public void Nothing_is_known_before_every_cgroup_was_read_once()
    {
        SetMany(count: 10, refused: 2);
        var forks = new RefusedForks(Find("/pod"));
        Assert.Null(Read(forks, most: 4));
        Assert.True(forks.IsUnfinished);
        Assert.Null(Read(forks, most: 4));

        Assert.Equal(20UL, Read(forks, most: 4));
        Assert.False(forks.IsUnfinished);
    }

    [Fact]
    public void Each_cgroup_has_its_turn_however_few_are_read_at_a_time()
    {
        SetMany(count: 10, refused: 0);
        var forks = new RefusedForks(Find("/pod"));
        Assert.Equal(0UL, Read(forks));
        for (var leaf = 0; leaf < 10; leaf++)
        {
            Set($"pod/{leaf}", 1);
        }

        for (var i = 0; i < 11; i++)
        {
            Read(forks, most: 1);
        }

        Assert.Equal(10UL, forks.Total);
    }

    [Fact]
    public void A_read_ends_with_the_last_cgroup()
    {
        SetMany(count: 3, refused: 1);
        var forks = new RefusedForks(Find("/pod"));

        Assert.Equal(4, forks.Read(All));
    }

    [Fact]
    public void Of_more_cgroups_than_a_walk_holds_those_that_come_into_sight_add_nothing()
    {
        const int many = CgroupWalk.MaxPending + 100;
        SetMany(many, refused: 1);
        var forks = new RefusedForks(Find("/pod"));
        var total = Read(forks, most: many)!.Value;
        Assert.True(total is > 0 and < many);

        for (var leaf = 0; leaf < many; leaf += 2)
        {
            Remove($"pod/{leaf}");
        }

        Assert.Equal(total, Read(forks, most: many));
        Set("pod/1", 3);
        Assert.Equal(total + 2, Read(forks, most: many));
    }

    [Fact]
    public void From_6_11_the_limiting_cgroup_counts_the_refusals_for_its_own_limit()
    {
        Set("pod", 7);
        Set("pod/a", 4);
        _files.Write("pod/pids.events.local", "max 3\n");
        _files.Write("pod/a/pids.events.local", "max 4\n");

        Assert.Equal(3UL, RefusedForks.Count(Find("/pod")));
    }

    [Fact]
    public void With_pids_localevents_the_cgroups_that_forked_count()
    {
        _files.WriteProc(
            "self/mountinfo",
            "24 30 0:22 / /proc rw - proc proc rw\n30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,pids_localevents\n"
        );
        Set("pod/a", 4);
        _files.Write("pod/pids.events.local", "max 0\n");
        _files.Write("pod/a/pids.events.local", "max 4\n");

        Assert.Equal(4UL, RefusedForks.Count(Find("/pod")));
    }

    [Fact]
    public void Without_a_count_nothing_is_known()
    {
        _files.Write("none/pids.max", "10\n");

        Assert.Null(RefusedForks.Count(Find("/none")));
        Assert.Null(RefusedForks.Count(Find("/gone")));
    }

    public void Dispose()
    {
        if (_root.IsValueCreated)
        {
            _root.Value.Dispose();
        }

        _files.Dispose();
    }

    private static ulong? Read(RefusedForks forks, int most = All)
    {
        forks.Read(most);
        return forks.Total;
    }

    private void SetMany(int count, int refused)
    {
        for (var leaf = 0; leaf < count; leaf++)
        {
            Set($"pod/{leaf}", refused);
        }
    }

    private void Set(string cgroup, int refused) => _files.Write($"{cgroup}/pids.events", $"max {refused}\n");

    private void Remove(string cgroup) => Directory.Delete(_files.PathOf(cgroup), recursive: true);

    private Cgroup Find(string path) =>
        _root.Value.Locate(System.Text.Encoding.ASCII.GetBytes($"0::{path}\n"), CgroupController.Pids).Cgroup!;
}
