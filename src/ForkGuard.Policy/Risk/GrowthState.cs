using ForkGuard.Api;

namespace ForkGuard.Policy.Risk;

/// <summary>
/// Usage of one constraint of one process since it settled after its start, and whether it grows. Not safe for concurrent use.
/// </summary>
public sealed class GrowthState
{
    /// <summary>Starts with an unknown process, or with what an earlier report has as <c>settled</c>.</summary>
    public GrowthState(SettledReport? settled = null) => Settled = settled;

    /// <summary>Usage once the process had settled after its start; null before.</summary>
    public SettledReport? Settled { get; private set; }

    /// <summary>Usage rose by more than a point of the limit since the process settled, or within the last hour; null while not known.</summary>
    public bool? Growing { get; private set; }

    /// <summary>Takes a sample.</summary>
    /// <param name="time">Time of the measurement; a sample that is not later than the newest is ignored.</param>
    /// <param name="used">Usage, in the unit of the limit.</param>
    /// <param name="limit">The limit; growth is not known where it is not positive.</param>
    /// <param name="age">Time since the process started.</param>
    public void Add(DateTimeOffset time, long used, long limit, TimeSpan age) => throw new NotSupportedException();
}
