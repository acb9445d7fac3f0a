namespace ForkGuard.ControllerRuntime.Tests.Queues;

/// <summary>What a work queue promises.</summary>
public sealed class WorkQueueTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly TestTime _time = new();
    private readonly WorkQueue<string> _queue;

    public WorkQueueTests() => _queue = new(_time);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => _queue.Dispose();

    [Fact]
    public async Task Keys_are_handed_out_in_the_order_in_which_they_were_added()
    {
        _queue.Add("a");
        _queue.Add("b");

        Assert.Equal("a", await TakeAsync());
        Assert.Equal("b", await TakeAsync());
    }

    [Fact]
    public async Task A_key_that_was_added_several_times_is_handed_out_once()
    {
        _queue.Add("a");
        _queue.Add("a");
        Assert.Equal(1, _queue.Depth);

        await TakeAsync();
        _queue.Done("a");

        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_key_that_is_worked_on_is_handed_to_nobody_else()
    {
        _queue.Add("a");
        await TakeAsync();

        _queue.Add("a");

        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_key_that_was_added_while_it_was_worked_on_is_handed_out_once_more_afterwards()
    {
        _queue.Add("a");
        await TakeAsync();
        _queue.Add("a");
        _queue.Add("a");

        _queue.Done("a");

        Assert.Equal(1, _queue.Depth);
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public async Task A_worker_waits_until_there_is_a_key()
    {
        ValueTask<WorkItem<string>> waiting = _queue.GetAsync(Cancelled);
        Assert.False(waiting.IsCompleted);

        _queue.Add("a");

        Assert.Equal("a", (await waiting).Key);
    }

    [Fact]
    public async Task A_worker_that_gives_up_takes_no_key_with_it()
    {
        using CancellationTokenSource gone = new();
        ValueTask<WorkItem<string>> waiting = _queue.GetAsync(gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.AsTask());

        _queue.Add("a");

        Assert.Equal("a", await TakeAsync());
    }

    [Fact]
    public void A_delayed_key_is_ready_when_its_time_has_come_and_not_before()
    {
        _queue.AddAfter("a", Minute);

        _time.Advance(Minute - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, _queue.Depth);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _queue.Depth);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    public async Task Of_two_delays_of_a_key_the_shorter_one_counts_and_the_other_is_forgotten(int first, int second)
    {
        _queue.AddAfter("a", first * Minute);
        _queue.AddAfter("a", second * Minute);

        _time.Advance(Minute);
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");

        _time.Advance(2 * Minute);
        Assert.Equal(0, _queue.Depth);
    }

    [Fact]
    public void A_delay_of_nothing_is_no_delay()
    {
        _queue.AddAfter("a", TimeSpan.Zero);

        Assert.Equal(1, _queue.Depth);
    }

    [Fact]
    public async Task A_key_that_is_added_while_it_waits_is_ready_at_once_and_again_when_its_time_has_come()
    {
        _queue.AddAfter("a", Minute);
        _queue.Add("a");
        Assert.Equal("a", await TakeAsync());
        _queue.Done("a");

        _time.Advance(Minute);

        Assert.Equal(1, _queue.Depth);
    }

    [Fact]
    public async Task A_key_that_fails_waits_twice_as_long_each_time_give_or_take_up_to_five_minutes()
    {
        List<double> waited = [];
        for (int failure = 0; failure < 16; failure++)
        {
            waited.Add((await FailAsync("a")).TotalMilliseconds);
        }

        Assert.All(
            waited,
            (delay, failure) =>
            {
                double full = Math.Min(50 * Math.Pow(2, failure), 300_000);
                Assert.InRange(delay, full / 2, full);
            }
        );
    }

    [Fact]
    public async Task A_key_that_succeeded_has_its_next_failure_as_its_first()
    {
        for (int failure = 0; failure < 10; failure++)
        {
            await FailAsync("a");
        }

        _queue.Forget("a");

        Assert.InRange(await FailAsync("a"), TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task The_failures_of_one_key_do_not_delay_another()
    {
        for (int failure = 0; failure < 10; failure++)
        {
            await FailAsync("a");
        }

        Assert.InRange(await FailAsync("b"), TimeSpan.FromMilliseconds(25), TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task Keys_that_fail_together_do_not_come_back_together()
    {
        HashSet<TimeSpan> delays = [];
        for (int key = 0; key < 20; key++)
        {
            delays.Add(await FailAsync($"{key}"));
        }

        Assert.True(delays.Count > 1);
    }

    [Fact]
    public async Task After_the_shutdown_what_was_ready_is_handed_out_and_nothing_else()
    {
        _queue.Add("a");
        _queue.AddAfter("b", Minute);
        _queue.ShutDown();
        _queue.Add("c");
        _time.Advance(Minute);

        Assert.Equal("a", await TakeAsync());
        Assert.True((await _queue.GetAsync(Cancelled)).IsShutDown);
    }

    [Fact]
    public async Task A_shutdown_wakes_the_workers_that_wait()
    {
        ValueTask<WorkItem<string>> waiting = _queue.GetAsync(Cancelled);

        _queue.ShutDown();

        Assert.True((await waiting).IsShutDown);
    }

    [Fact]
    public async Task Many_workers_see_every_key_and_never_one_at_the_same_time()
    {
        const int keys = 50;
        int[] inside = new int[keys];
        int[] seen = new int[keys];
        int overlaps = 0;
        using WorkQueue<int> queue = new(TimeProvider.System);
        Task[] workers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(() => WorkAsync(queue), Cancelled))];
        for (int round = 0; round < 20; round++)
        {
            for (int key = 0; key < keys; key++)
            {
                queue.Add(key);
            }

            await Task.Yield();
        }

        queue.ShutDown();
        await Task.WhenAll(workers);

        Assert.Equal(0, overlaps);
        Assert.DoesNotContain(0, seen);

        async Task WorkAsync(WorkQueue<int> from)
        {
            while (await from.GetAsync(Cancelled) is { IsShutDown: false } item)
            {
                if (Interlocked.Increment(ref inside[item.Key]) > 1)
                {
                    Interlocked.Increment(ref overlaps);
                }

                await Task.Yield();
                Interlocked.Increment(ref seen[item.Key]);
                Interlocked.Decrement(ref inside[item.Key]);
                from.Done(item.Key);
            }
        }
    }

    private async Task<string> TakeAsync()
    {
        Assert.True(_queue.Depth > 0, "There is nothing to take.");
        return (await _queue.GetAsync(Cancelled)).Key;
    }

    /// <summary>How long the key waits after it failed.</summary>
    private async Task<TimeSpan> FailAsync(string key)
    {
        _queue.AddRateLimited(key);
        TimeSpan wait = _time.Waits.Last();
        _time.Advance(wait - TimeSpan.FromTicks(1));
        Assert.Equal(0, _queue.Depth);
        _time.Advance(TimeSpan.FromTicks(1));
        await TakeAsync();
        _queue.Done(key);
        return wait;
    }
}
