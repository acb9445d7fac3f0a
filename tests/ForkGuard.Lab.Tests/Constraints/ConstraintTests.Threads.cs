using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

public abstract partial class ConstraintTests
{
    private const string Threads = nameof(ConstraintType.Threads);
    private const string Impossible = "ForkImpossible";

    /// <summary>Threads of check itself are gone when the process forks: they must not count against it.</summary>
    [Fact]
    public async Task Threads_of_the_node_refuse_a_fork_only_at_the_limit_without_those_of_check()
    {
        var victim = await StartAsync(Idle);
        await victim.DoAsync("hold 40");
        ConstraintVerdict? tightest = null;
        for (var spare = 1; spare <= 32 && tightest is null; spare++)
        {
            await Guest.SetAsync("kernel/threads-max", await ThreadsAsync() + spare);
            var answer = await Guest.RunAsync(Initramfs.ForkGuard, "check", "-o", "json", Text($"{victim.Pid}"));
            output.WriteLine($"{spare} spare: {string.Join('\n', answer)}");
            tightest = answer.Where(line => line.StartsWith('{')).Select(ConstraintVerdict.Parse).SingleOrDefault();
        }

        Assert.Equal(Errno.None, (await victim.ForkAsync()).Error);
        Assert.NotNull(tightest);
        Assert.Equal(ConstraintVerdict.CanFork, tightest.Verdict);
        Assert.True(tightest.Find(Threads) is { Limit: > 0 } listed && listed.Used < listed.Limit, tightest.Text);
    }

    [Fact]
    public async Task Threads_at_the_limit_refuse_a_fork_and_check_cannot_start()
    {
        var victim = await StartAsync(Idle);
        // Workers of the kernel come and go between the two requests: what counts is a number that stayed.
        await Condition.HoldsAsync(
            async _ =>
            {
                var threads = await ThreadsAsync();
                await Guest.SetAsync("kernel/threads-max", threads);
                var refused = (await victim.ForkAsync()).Error;
                await Guest.SetAsync("kernel/threads-max", threads + 1);
                var granted = (await victim.ForkAsync()).Error;
                return (refused, granted) == (Errno.TryAgain, Errno.None) && await ThreadsAsync() == threads;
            },
            "threads-max refuses at the limit and grants one below it",
            TimeSpan.FromMinutes(1),
            TestContext.Current.CancellationToken
        );

        var answer = await Guest.RunAsync(Initramfs.ForkGuard, "check", "-o", "json", Text($"{victim.Pid}"));
        Assert.DoesNotContain(answer, line => line.Contains(ConstraintVerdict.CanFork, StringComparison.Ordinal));
        Assert.False(answer[0] == "exit   0", answer[0]);
    }

    /// <summary>check cannot start at the limit; a watch that runs already reads it.</summary>
    [Fact]
    public async Task A_running_watch_reports_the_refused_fork_at_the_limit_of_threads_and_nothing_one_thread_below()
    {
        var victim = await StartAsync(Idle);
        var watch = await RunningWatch.StartAsync(Guest, Initramfs.Manifest, output);
        var below = await ScanBelowLimitAsync(watch);
        Assert.Equal(Errno.None, (await victim.ForkAsync()).Error);

        await Condition.HoldsAsync(
            async _ =>
            {
                await Guest.SetAsync("kernel/threads-max", await ThreadsAsync());
                return (await victim.ForkAsync()).Error == Errno.TryAgain;
            },
            "threads-max refuses a fork",
            TimeSpan.FromMinutes(1),
            TestContext.Current.CancellationToken
        );
        var refused = await watch.NextAsync();
        Assert.Equal(Errno.TryAgain, (await victim.ForkAsync()).Error);

        Assert.DoesNotContain(below, e => e.Name == Impossible);
        Assert.Equal((Impossible, Threads), (refused.Name, refused.Constraint?.Type));
        Assert.True(refused.Constraint!.Used >= refused.Constraint.Limit, refused.Text);

        await Guest.SetAsync("kernel/threads-max", 10 * await ThreadsAsync());
        var recovered = await watch.NextAsync();
        Assert.Equal(("ForkRecovered", Threads), (recovered.Name, recovered.Constraint?.Type));
        Assert.Equal(Errno.None, (await victim.ForkAsync()).Error);
    }

    /// <summary>Leaves one thread, and returns the events of scans in which no thread came or went.</summary>
    private async Task<IReadOnlyList<PrintedEvent>> ScanBelowLimitAsync(RunningWatch watch)
    {
        IReadOnlyList<PrintedEvent> events = [];
        await Condition.HoldsAsync(
            async _ =>
            {
                var threads = await ThreadsAsync();
                await Guest.SetAsync("kernel/threads-max", threads + 1);
                events = await watch.ScanAsync(mode: 0);
                if (await ThreadsAsync() == threads)
                {
                    return true;
                }

                // A thread that starts before the next attempt reaches no limit.
                await Guest.SetAsync("kernel/threads-max", 10 * threads);
                return false;
            },
            "a scan with one thread left",
            TimeSpan.FromMinutes(1),
            TestContext.Current.CancellationToken
        );
        return events;
    }

    private async Task<long> ThreadsAsync()
    {
        var words = (await Guest.ReadAsync("/proc/loadavg")).Split(' ', '/');
        return long.Parse(words[4], CultureInfo.InvariantCulture);
    }
}
