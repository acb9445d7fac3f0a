using Microsoft.Extensions.Time.Testing;

namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>A clock that a test moves, and whose wall clock can be set back: timestamps and timers go on.</summary>
internal sealed class SettableTime : FakeTimeProvider
{
    private TimeSpan _behind;

    internal SettableTime()
        : base(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero)) { }

    /// <summary>Sets the wall clock back, as an operator or a time daemon does.</summary>
    internal void SetBack(TimeSpan by) => _behind += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() - _behind;

    public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
}
