namespace ForkGuard.Kernel.Memory;

/// <summary>
/// Usage and limit of a memory cgroup as last read. Usage grows by no more than the resident pages of its processes, and by memory
/// that none of them maps: that counts once both numbers are read again.
/// </summary>
internal struct KeptMemory
{
    private long _untilTicks;
    private long _scan;
    private MemoryLevel _level;
    private ulong _grown;

    /// <summary>Usage as read was below half of each limit.</summary>
    internal readonly bool IsKept => _untilTicks > 0;

    internal readonly long UntilTicks => _untilTicks;

    /// <summary>Room that is left while usage is below half of each limit.</summary>
    internal readonly ulong LeastRoom => Math.Min(_level.Limit, _level.TotalLimit) / 2;

    /// <summary>Keeps numbers that a scan read, if usage is below half of each limit.</summary>
    internal void Keep(in MemoryLevel level, DateTimeOffset until, long scan)
    {
        _level = level;
        _grown = 0;
        _scan = scan;
        _untilTicks = IsFar(level) ? until.UtcTicks : 0;
    }

    /// <summary>
    /// Adds bytes that a process has gained in RAM; the numbers of this scan have them already. False once usage may be at half of
    /// a limit.
    /// </summary>
    internal bool Grow(ulong bytes, long scan)
    {
        _grown += scan == _scan ? 0 : bytes;
        if (IsKept && !IsFar(UpperBound))
        {
            _untilTicks = 0;
            return false;
        }

        return true;
    }

    /// <summary>Returns the kept numbers with an upper bound of the usage; false if they must be read.</summary>
    internal readonly bool TryGet(DateTimeOffset now, out MemoryLevel level)
    {
        level = UpperBound;
        return now.UtcTicks < _untilTicks;
    }

    private readonly MemoryLevel UpperBound =>
        _level with
        {
            Usage = Saturating.Add(_level.Usage, _grown),
            TotalUsage = Saturating.Add(_level.TotalUsage, _grown),
        };

    private static bool IsFar(in MemoryLevel level) =>
        level.Usage < level.Limit / 2 && level.TotalUsage < level.TotalLimit / 2;
}
