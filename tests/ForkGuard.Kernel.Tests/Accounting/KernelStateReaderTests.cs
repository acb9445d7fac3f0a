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
        Assert.Equal((state.SwapTotal, false), (state.SwapInForce, state.IsSwapEstimated));
        Assert.InRange(state.MaxMemory, state.MemTotal, ulong.MaxValue);
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
    [InlineData("meminfo", "MemTotal: 1 kB\n", "meminfo does not have the format of proc(5)")]
    [InlineData("sys/vm/overcommit_memory", "7\n", "holds 7, which is not a known mode")]
    [InlineData("sys/vm/overcommit_memory", "\n", "overcommit_memory does not have the format of proc(5)")]
    [InlineData("sys/kernel/osrelease", "what\n", "osrelease does not have the format of proc(5)")]
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

    /// <summary>A machine of 4 GiB with 2 GiB of swap, of which swapoff(8) is emptying all but a part.</summary>
    [Theory]
    [InlineData(50UL, 0UL, 2UL << 20, 0UL)]
    [InlineData(50UL, 0UL, (2UL << 20) + 4096, 4096UL)]
    [InlineData(37UL, 0UL, 1551892UL, 0UL)]
    [InlineData(50UL, 1000001UL, 1000000 + 8192, 8192UL)]
    public void While_a_swapoff_runs_the_swap_in_force_is_what_CommitLimit_has_of_it(
        ulong ratio,
        ulong overcommitKilobytes,
        ulong commitLimitKilobytes,
        ulong swapKilobytes
    )
    {
        using var captured = new CapturedProc(commitLimitKilobytes: commitLimitKilobytes, swapTotalKilobytes: 2 << 20);
        captured.WriteSystem("sys/vm/overcommit_ratio", $"{ratio}\n");
        captured.WriteSystem("sys/vm/overcommit_kbytes", $"{overcommitKilobytes}\n");

        var state = captured.State;

        Assert.Equal((swapKilobytes << 10, false), (state.SwapInForce, state.IsSwapEstimated));
        Assert.Equal((4UL << 30) + (swapKilobytes << 10), state.TotalMemory);
    }

    [Fact]
    public void Huge_pages_are_no_part_of_the_ratio()
    {
        using var captured = new CapturedProc(commitLimitKilobytes: (1 << 20) + 4096, swapTotalKilobytes: 4096);
        captured.WriteSystem("sys/vm/overcommit_ratio", "50\n");
        File.AppendAllText(captured.PathOf("meminfo"), $"Hugetlb: {2 << 20} kB\n");

        Assert.Equal(4UL << 20, captured.State.SwapInForce);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("what\n")]
    [InlineData("90\n")]
    public void Swap_that_cannot_be_computed_is_the_total_and_no_verdict_is_exact(string? ratio)
    {
        using var captured = new CapturedProc(swapTotalKilobytes: 1 << 20);
        if (ratio is not null)
        {
            captured.WriteSystem("sys/vm/overcommit_ratio", ratio);
        }

        var state = captured.State;

        Assert.Equal((1UL << 30, true), (state.SwapInForce, state.IsSwapEstimated));
        Assert.False(AccountingRule.Evaluate(state, OvercommitMode.Heuristic, default).IsExact);
    }

    [Fact]
    public void The_error_of_the_commit_counter_is_that_of_the_memory_before_a_balloon_took_it()
    {
        using var captured = new CapturedProc();
        captured.WriteSystem(
            "zoneinfo",
            "Node 0, zone DMA\n  pages free 5\n        present  1000\n        managed  900\nNode 0, zone Normal\n        present  4193304\n"
        );

        Assert.Equal(16UL << 30 >> 8, captured.State.CommitError);
    }

    [Fact]
    public void A_captured_tree_is_what_was_asked_for_and_is_trusted()
    {
        using var captured = new CapturedProc();

        Assert.Null(captured.State.Distrust);
    }

    [Fact]
    public void Before_5_2_the_smaller_limit_of_both_rules_holds()
    {
        using var captured = new CapturedProc(release: "4.18.0-553.el8_10.x86_64");
        captured.WriteSystem("vmstat", "nr_free_pages 9000000\nnr_file_pages 0\nnr_shmem 0\nnr_slab_reclaimable 0\n");
        captured.WriteSystem(
            "zoneinfo",
            "Node 0, zone Normal\n        high     100\n        managed  90000\n        protection: (0, 400)\n"
        );

        Assert.Equal(4UL << 30, AccountingRule.LimitOf(captured.State, OvercommitMode.Heuristic));
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
