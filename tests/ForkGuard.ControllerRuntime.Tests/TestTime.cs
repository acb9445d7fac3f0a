using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.ControllerRuntime.Tests;

/// <summary>A clock that goes on when it is told to, and knows what is waited for.</summary>
internal sealed class TestTime : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    /// <summary>How long each wait was to be, in the order in which they began.</summary>
    public IReadOnlyCollection<TimeSpan> Waits => _waits;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Enqueue(dueTime);
        return timer;
    }
}
