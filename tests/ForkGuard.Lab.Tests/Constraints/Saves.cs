using System.Globalization;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>
/// Programs that save by forking and then write to all of their memory, each in a container with a limit. The guest is as it booted.
/// </summary>
internal sealed class Saves(ConstraintMachine machine, ITestOutputHelper output)
{
    private const long Kibibyte = 1024;
    private const long Mebibyte = 1024 * Kibibyte;
    private const long Pages = 4096;
    private const long Bytes = Pages * GuestSaver.PageBytes;
    private const long CacheBytes = 4 * Mebibyte;

    /// <summary>The charge that each CPU may hold in advance (MEMCG_CHARGE_BATCH, mm/memcontrol.c): 64 pages.</summary>
    private readonly long _batches = machine.Cpus * 64 * GuestSaver.PageBytes;

    private readonly List<SaveCase> _cases = [];
    private int _disks;

    private Guest Guest => machine.Guest;

    internal async Task AssertKillsAreAsPredictedAsync()
    {
        await Guest.SetModeAsync(1);
        await Guest.LoadRamDisksAsync();
        await AddAsync(CgroupLevel.Container, 256 * Kibibyte, hasChild: true);
        await AddAsync(CgroupLevel.Container, 2 * Mebibyte, hasChild: true);
        await AddAsync(CgroupLevel.Container, 8 * Mebibyte, hasChild: false);
        await AddAsync(CgroupLevel.Container, 14 * Mebibyte, hasChild: false);
        await AddAsync(CgroupLevel.Pod, 6 * Mebibyte, hasChild: false);
        await AddAsync(CgroupLevel.Container, (17 * Mebibyte) + (2 * _batches), hasChild: true);
        await AddWithWorstCaseAsync();
        await AddWithCacheAsync();
        if (machine.HasUnifiedCgroups)
        {
            await AddWithProtectedCacheAsync();
            await AddWithProtectedSiblingAsync();
        }

        var neighbours = await AddWithNeighboursAsync();
        var trials = await TryAsync();

        AssertRight(trials);
        // cgroup v1 has no groups: one process ends alone.
        var group = machine.HasUnifiedCgroups;
        Assert.Equal([false, group], trials.TakeLast(2).Select(trial => trial.Verdict.Snapshot!.KillsContainer));
        Assert.Equal(Errno.None, (await neighbours[0].ForkAsync()).Error);
        Assert.Equal(group ? ForkOutcome.Killed : Errno.None, (await neighbours[1].ForkAsync()).Error);
    }

    internal async Task AssertSwapIsRoomAsync()
    {
        await Guest.SetModeAsync(1);
        await Guest.BeginSwapAsync();
        foreach (var swap in (long[])[0, 4 * Mebibyte, 64 * Mebibyte])
        {
            var added = await StartAsync(Text($"{swap} bytes of swap"), hasChild: true);
            _cases.Add(added with { IsInterval = true });
            var max = await LimitAsync(added.Container, CgroupLevel.Container, 4 * Mebibyte);
            await (
                machine.HasUnifiedCgroups
                    ? added.Container.WriteAsync(CgroupLevel.Container, "memory.swap.max", swap)
                    : added.Container.WriteAsync(CgroupLevel.Container, "memory.memsw.limit_in_bytes", max + swap)
            );
        }

        var trials = await TryAsync();

        AssertRight(trials);
        Assert.Equal([true, true, false], trials.Select(trial => trial.IsKilled));
        Assert.Equal(0, trials[0].Verdict.Snapshot!.ReclaimableBytes / Mebibyte);
        Assert.Equal(4, trials[1].Verdict.Snapshot!.ReclaimableBytes / Mebibyte);
    }

    private async Task AddAsync(CgroupLevel level, long room, bool hasChild)
    {
        var added = await StartAsync(Text($"room {room >> 10} KiB at the level {level}"), hasChild);
        _cases.Add(added);
        await LimitAsync(added.Container, level, room);
    }

    private async Task AddWithWorstCaseAsync() =>
        _cases.Add(await StartAsync("room for the worst case", hasChild: false) with { IsLimitedToWorstCase = true });

    private async Task AddWithCacheAsync()
    {
        var added = await StartAsync("page cache of its own", hasChild: true);
        _cases.Add(added);
        await FillCacheAsync(added.Saver);
        await LimitAsync(added.Container, CgroupLevel.Container, 3 * Mebibyte);
    }

    /// <summary>memory.min of the container protects its page cache from reclaim for the limit of the pod.</summary>
    private async Task AddWithProtectedCacheAsync()
    {
        var added = await StartAsync("page cache of its own, protected", hasChild: true);
        _cases.Add(added);
        await FillCacheAsync(added.Saver);
        await added.Container.WriteAsync(CgroupLevel.Container, "memory.min", 64 * Mebibyte);
        await LimitAsync(added.Container, CgroupLevel.Pod, 3 * Mebibyte);
    }

    /// <summary>The same by a sibling, whose memory.min is not read: the upper end stays an upper end.</summary>
    private async Task AddWithProtectedSiblingAsync()
    {
        var added = await StartAsync("page cache of a sibling, protected", hasChild: true);
        _cases.Add(added with { IsInterval = true });
        var sibling = await machine.Cgroups.AddSiblingAsync(added.Container);
        await FillCacheAsync(await sibling.StartSaverAsync());
        await sibling.WriteAsync(CgroupLevel.Container, "memory.min", 64 * Mebibyte);
        await LimitAsync(added.Container, CgroupLevel.Pod, 3 * Mebibyte);
    }

    /// <summary>Adds a container with a neighbour of the saver, and one where memory.oom.group is set, as the kubelet does.</summary>
    private async Task<IReadOnlyList<GuestVictim>> AddWithNeighboursAsync()
    {
        var neighbours = new List<GuestVictim>();
        foreach (var isGroup in (bool[])[false, true])
        {
            var added = await StartAsync(Text($"a neighbour, group kill {isGroup}"), hasChild: false);
            _cases.Add(added);
            if (isGroup && machine.HasUnifiedCgroups)
            {
                await added.Container.WriteAsync(CgroupLevel.Container, "memory.oom.group", 1);
            }

            neighbours.Add(await added.Container.StartAsync("idle 0"));
            await LimitAsync(added.Container, CgroupLevel.Container, 4 * Mebibyte);
        }

        return neighbours;
    }

    private async Task<SaveCase> StartAsync(string description, bool hasChild)
    {
        var container = await machine.Cgroups.AddAsync((CgroupDriver)(_cases.Count % 2));
        var saver = await container.StartSaverAsync();
        await saver.DoAsync(Text($"anon {Pages}"));
        if (hasChild)
        {
            await ForkAsync(saver);
        }

        return new(description, container, saver) { HasChild = hasChild };
    }

    /// <summary>Writes to the beginning of a RAM disk: clean page cache of the saver's cgroup.</summary>
    private Task FillCacheAsync(GuestSaver saver) =>
        saver.DoAsync(Text($"file /dev/ram{_disks++} {CacheBytes / GuestSaver.PageBytes}"));

    /// <summary>One <c>forkguard check</c> about them all, then each saves.</summary>
    private async Task<IReadOnlyList<SaveTrial>> TryAsync()
    {
        var verdicts = await machine.CheckAsync([.. _cases.Select(c => c.Saver.Process)]);
        var trials = new List<SaveTrial>();
        foreach (var (save, verdict) in _cases.Zip(verdicts))
        {
            Assert.True(verdict.Snapshot is not null, verdict.Text);
            if (save.IsLimitedToWorstCase)
            {
                // A CPU holds a batch of charges, and pages that the process does not count yet: at most as many.
                var room = verdict.Snapshot.WorstCaseBytes + (2 * _batches);
                await LimitAsync(save.Container, CgroupLevel.Container, room);
            }

            if (!save.HasChild)
            {
                await ForkAsync(save.Saver);
            }

            var isKilled = !await save.Saver.RewriteAsync(Pages);
            var rewritten = await save.Saver.RewrittenBytesAsync();
            trials.Add(new(machine.Name, save, verdict, Bytes, rewritten, isKilled, _batches));
            output.WriteLine(trials[^1].Describe());
            await Guest.EndAsync(save.Saver.Process);
        }

        machine.Report.Add(trials);
        return trials;
    }

    private static void AssertRight(IReadOnlyCollection<SaveTrial> trials)
    {
        var wrong = trials.Where(trial => trial.IsWrong).Select(trial => trial.Describe());
        Assert.True(!wrong.Any(), string.Join('\n', wrong));
        Assert.Contains(trials, trial => trial.IsKilled);
        Assert.Contains(trials, trial => !trial.IsKilled);
    }

    private static async Task ForkAsync(GuestSaver saver)
    {
        Assert.Equal(Errno.None, (await saver.Process.ForkAsync()).Error);
        // The parent, which counts its pages, is killed before the child.
        await saver.DoAsync("first");
    }

    /// <summary>Leaves so much room, and returns the limit.</summary>
    private static async Task<long> LimitAsync(GuestContainer container, CgroupLevel level, long room)
    {
        var limit = await container.ReadAsync(level, "memory.current") + room;
        await container.WriteAsync(level, "memory.max", limit);
        return limit;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
