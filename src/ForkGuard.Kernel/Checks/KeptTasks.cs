namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Proof by an earlier read that the tasks of cgroups stay below a level. Each new task takes a pid, so usage grows by no more
/// than the forks of the node, and by tasks that are moved into a cgroup: those count once the numbers are read again.
/// </summary>
internal readonly struct KeptTasks
{
    private readonly long _untilTicks;
    private readonly ulong _untilForks;
    private readonly int _levelPercent;

    private KeptTasks(long untilTicks, ulong untilForks, int levelPercent)
    {
        _untilTicks = untilTicks;
        _untilForks = untilForks;
        _levelPercent = levelPercent;
    }

    /// <summary>Holds for no cgroup at all.</summary>
    internal static KeptTasks Nothing { get; } = new(long.MaxValue, ulong.MaxValue, levelPercent: 0);

    /// <summary>Keeps numbers that this scan read, if usage is below half of the limit and below the level.</summary>
    /// <param name="context">The scan.</param>
    /// <param name="used">Tasks, or an upper bound of them.</param>
    /// <param name="limit">The limit; <see cref="ulong.MaxValue"/> without one.</param>
    /// <param name="until">End of the time for which the numbers may be kept.</param>
    internal static KeptTasks Of(ScanContext context, ulong used, ulong limit, DateTimeOffset until)
    {
        if (used >= limit / 2 || context.LevelPercent == 0)
        {
            return default;
        }

        // The most tasks that are below the level.
        var most = (((UInt128)limit * (uint)context.LevelPercent) - 1) / 100;
        if (used > most)
        {
            return default;
        }

        var forks = (ulong)UInt128.Min(most - used, ulong.MaxValue);
        return new KeptTasks(until.UtcTicks, Saturating.Add(context.Node.Forks, forks), context.LevelPercent);
    }

    /// <summary>Holds for the cgroups of both.</summary>
    internal KeptTasks And(in KeptTasks other) =>
        new(
            Math.Min(_untilTicks, other._untilTicks),
            Math.Min(_untilForks, other._untilForks),
            Math.Max(_levelPercent, other._levelPercent)
        );

    /// <summary>The tasks are below the level of this scan, whatever was forked meanwhile.</summary>
    internal bool Holds(ScanContext context) =>
        context.Now.UtcTicks < _untilTicks
        && context.LevelPercent == _levelPercent
        && context.Node.Forks <= _untilForks;
}
