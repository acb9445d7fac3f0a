using System.Globalization;
using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests;

public sealed partial class SidTests
{
    /// <summary>
    /// From glibc 2.42 on Linux 6.13 the guard of a stack does not split its mapping, so that the stacks of all threads are one.
    /// </summary>
    [Fact]
    public async Task Stacks_of_too_many_threads_are_one_mapping_that_no_fork_may_copy_in_mode_0()
    {
        const int first = 8;
        var limit = await Guest.LimitAsync();
        var victim = await Guest.StartAsync("idle 0", "glibc of sid", [], SidKernel.NewVictim);
        Assert.True(victim.Pid is not null, victim.Refusal);
        await victim.DoAsync(Text($"stacks {first}"));
        var stackPages = (await Bench.CheckAsync(victim)).UsedBytes / 4096 / first;
        // 8 MiB, the default of RLIMIT_STACK, and a guard.
        Assert.InRange(stackPages, 2048, 2049);

        var most = limit / stackPages;
        await victim.DoAsync(Text($"stacks {most - first}"));
        var granted = await Bench.TryAsync("thread stacks", victim);
        await victim.DoAsync("stacks 1");
        var refused = await Bench.TryAsync("thread stacks", victim);

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{most} threads: {granted[0].Describe()}\n{most + 1} threads: {refused[0].Describe()}"
        );
        AssertRight([.. granted, .. refused]);
        Assert.Equal([Errno.None, Errno.NoMemory], granted.Concat(refused).Select(t => t.Fork.Error));
        var verdict = refused[0].Verdict;
        Assert.Equal((GuestVerdict.CannotFork, true), (verdict.Verdict, verdict.IsExact));
        Assert.Equal((most + 1) * stackPages * 4096, verdict.UsedBytes);
        Assert.Contains("\"kind\":\"ThreadStacks\"", verdict.Text, StringComparison.Ordinal);
        Assert.Contains("run fewer threads, or give them smaller stacks", verdict.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("MADV_DONTFORK", verdict.Text, StringComparison.Ordinal);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
