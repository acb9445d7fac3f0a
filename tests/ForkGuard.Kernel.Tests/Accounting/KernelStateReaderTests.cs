using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Tests.Scanning;

namespace ForkGuard.Kernel.Tests.Accounting;

public sealed class KernelStateReaderTests
{
    [Fact]
    public void It_reads_this_machine()
    {
        var reader = new KernelStateReader(new ProcRoot());

        Assert.True(reader.TryRead(out var state, out var problem), problem);
        Assert.Equal(File.ReadAllText("/proc/sys/kernel/osrelease").Trim(), reader.ReleaseName);
        Assert.Equal(File.ReadAllText("/proc/sys/vm/overcommit_memory").Trim(), $"{(int)state.Mode}");
        Assert.Equal(Testing.MemoryLimit.Pages() * Environment.SystemPageSize, (long)state.TotalMemory);
        Assert.InRange(state.Cpus, 1, 10_000);
    }

    [Fact]
    public void Sizes_are_in_bytes_and_a_new_mode_is_seen_at_the_next_read()
    {
        using var captured = new CapturedProc(mode: 0);
        var reader = new KernelStateReader(captured.Root);
        Assert.True(reader.TryRead(out var before, out _));

        captured.WriteSystem("sys/vm/overcommit_memory", "2\n");

        Assert.True(reader.TryRead(out var after, out _));
        Assert.Equal((OvercommitMode.Heuristic, OvercommitMode.Strict), (before.Mode, after.Mode));
        Assert.Equal(
            (4UL << 30, 2UL << 30, 8UL << 20, 128UL << 20, 2),
            (after.MemTotal, after.CommitLimit, after.AdminReserve, after.UserReserve, after.Cpus)
        );
    }

    [Theory]
    [InlineData("meminfo", null, "meminfo does not exist")]
    [InlineData("meminfo", "MemTotal: 1 kB\n", "meminfo is not what proc(5) says")]
    [InlineData("sys/vm/overcommit_memory", "7\n", "holds 7, which is no known mode")]
    [InlineData("sys/vm/overcommit_memory", "\n", "overcommit_memory is not what proc(5) says")]
    [InlineData("sys/kernel/osrelease", "what\n", "osrelease is not what proc(5) says")]
    [InlineData("stat", null, "stat does not exist")]
    public void What_is_missing_or_wrong_is_named(string name, string? content, string expected)
    {
        using var captured = new CapturedProc();
        File.Delete(captured.PathOf(name));
        if (content is not null)
        {
            captured.WriteSystem(name, content);
        }

        Assert.False(new KernelStateReader(captured.Root).TryRead(out _, out var problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Before_5_2_what_looks_free_is_the_limit()
    {
        using var captured = new CapturedProc(release: "4.18.0-553.el8_10.x86_64");
        captured.WriteSystem(
            "vmstat",
            "nr_free_pages 100000\nnr_file_pages 5000\nnr_shmem 1000\nnr_slab_reclaimable 500\n"
        );
        captured.WriteSystem(
            "zoneinfo",
            "Node 0, zone Normal\n        high     100\n        managed  90000\n        protection: (0, 400)\n"
        );

        Assert.Equal(((100_000UL + 5000 - 1000 + 500 - 500) * 4096) - (8UL << 20), captured.State.FreeEstimate);
    }

    [Fact]
    public void Before_5_2_a_missing_vmstat_is_named()
    {
        using var captured = new CapturedProc(release: "4.9.0");

        Assert.False(new KernelStateReader(captured.Root).TryRead(out _, out var problem));
        Assert.Contains("vmstat does not exist", problem, StringComparison.Ordinal);
    }
}
