namespace ForkGuard.Kernel.KernelLog;

/// <summary>Times since boot in the kernel's log.</summary>
internal static class LogTime
{
    // The kernel counts nanoseconds in 64 bits.
    private const ulong MaxMicroseconds = ulong.MaxValue / 1000;
    private const ulong MicrosecondsPerSecond = 1_000_000;

    /// <summary>False for a time that the kernel's clock cannot have.</summary>
    internal static bool TryMake(ulong seconds, ulong microseconds, out TimeSpan time)
    {
        var isPossible =
            microseconds <= MaxMicroseconds && seconds <= (MaxMicroseconds - microseconds) / MicrosecondsPerSecond;
        time = isPossible
            ? TimeSpan.FromMicroseconds((long)((seconds * MicrosecondsPerSecond) + microseconds))
            : default;
        return isPossible;
    }
}
