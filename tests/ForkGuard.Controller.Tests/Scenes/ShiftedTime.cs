namespace ForkGuard.Controller.Tests.Scenes;

/// <summary>A machine whose wall clock is wrong.</summary>
/// <param name="ahead">How far it is ahead.</param>
internal sealed class ShiftedTime(TimeSpan ahead) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}
