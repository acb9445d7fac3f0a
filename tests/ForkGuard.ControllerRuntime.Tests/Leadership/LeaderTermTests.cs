namespace ForkGuard.ControllerRuntime.Tests.Leadership;

/// <summary>A term ends by the clock, whoever gets to run when.</summary>
public sealed class LeaderTermTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly TestTime _time = new();

    [Fact]
    public void A_term_that_is_not_renewed_is_lost_when_the_deadline_has_passed_since_the_request_was_sent()
    {
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(4));
        using LeaderTerm term = new(_time, Deadline, sent, "lease-1", transitions: 0);

        _time.Advance(TimeSpan.FromSeconds(6) - TimeSpan.FromTicks(1));
        Assert.True(term.IsCurrent);
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.True(term.Lost.IsCancellationRequested);
        Assert.False(term.IsCurrent);
    }

    [Fact]
    public void A_renewal_counts_from_when_it_was_sent()
    {
        using LeaderTerm term = new(_time, Deadline, _time.GetTimestamp(), "lease-1", transitions: 0);
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(9));
        term.Renewed(sent);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(term.Lost.IsCancellationRequested);
    }

    [Fact]
    public void A_renewal_that_is_answered_too_late_renews_nothing()
    {
        using LeaderTerm term = new(_time, Deadline, _time.GetTimestamp(), "lease-1", transitions: 0);
        _time.Advance(Deadline);

        term.Renewed(_time.GetTimestamp());

        Assert.False(term.IsCurrent);
    }

    /// <summary>After a freeze the code that writes may run before the timer does.</summary>
    [Fact]
    public void A_term_is_over_by_the_clock_even_before_its_timer_has_run()
    {
        FrozenTimers time = new();
        using LeaderTerm term = new(time, Deadline, time.GetTimestamp(), "lease-1", transitions: 0);
        Assert.True(term.IsCurrent);

        time.Elapsed = Deadline;

        Assert.False(term.Lost.IsCancellationRequested);
        Assert.False(term.IsCurrent);
        Assert.Throws<LeadershipLostException>(term.ThrowIfLost);
    }

    private sealed class FrozenTimers : TimeProvider
    {
        public TimeSpan Elapsed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Elapsed.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            new Never();

        private sealed class Never : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() { }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
