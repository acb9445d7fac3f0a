using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.ControllerRuntime.Tests.Health;

/// <summary>Liveness is about loops, readiness about caches.</summary>
public sealed class HealthTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly HealthRegistry _health;

    public HealthTests() => _health = new(_time, Limit);

    [Fact]
    public void A_loop_that_beats_in_time_is_alive()
    {
        using LoopBeat beat = _health.Loop("worker", Limit);

        _time.Advance(Limit);
        beat.Beat();
        _time.Advance(Limit);

        Assert.Equal(new(Ok: true, "ok"), _health.Liveness());
    }

    [Fact]
    public void A_stuck_loop_is_named()
    {
        using LoopBeat stuck = _health.Loop("worker 1 of pods", Limit);
        using LoopBeat healthy = _health.Loop("worker 2 of pods", Limit);

        _time.Advance(Limit + TimeSpan.FromSeconds(1));
        healthy.Beat();

        Assert.Equal(new(Ok: false, "worker 1 of pods has been silent for 31 s"), _health.Liveness());
    }

    [Fact]
    public void A_loop_that_waits_for_work_is_not_stuck_until_it_works_again()
    {
        using LoopBeat beat = _health.Loop("worker", Limit);
        beat.Rest();
        _time.Advance(10 * Limit);
        Assert.True(_health.Liveness().Ok);

        beat.Beat();
        _time.Advance(2 * Limit);

        Assert.False(_health.Liveness().Ok);
    }

    [Fact]
    public void A_loop_that_ended_is_not_asked_for()
    {
        _health.Loop("worker", Limit).Dispose();

        _time.Advance(2 * Limit);

        Assert.True(_health.Liveness().Ok);
    }

    [Fact]
    public void A_cache_without_its_list_is_named()
    {
        _health.Cache(new Cache("pods", IsSynced: false, DisconnectedFor: TimeSpan.Zero));
        _health.Cache(new Cache("nodes", IsSynced: true, DisconnectedFor: null));

        Assert.Equal(new(Ok: false, "pods has not been listed yet"), _health.Readiness());
    }

    [Fact]
    public void A_cache_that_was_cut_off_for_long_is_named_and_liveness_does_not_mind()
    {
        _health.Cache(new Cache("pods", IsSynced: true, DisconnectedFor: Limit + TimeSpan.FromSeconds(5)));
        _health.Cache(new Cache("nodes", IsSynced: true, DisconnectedFor: Limit));

        Assert.Equal(new(Ok: false, "pods has been disconnected for 35 s"), _health.Readiness());
        Assert.True(_health.Liveness().Ok);
    }

    private sealed record Cache(string Name, bool IsSynced, TimeSpan? DisconnectedFor) : ICacheHealth
    {
        public TimeSpan SilentFor => TimeSpan.Zero;

        public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
