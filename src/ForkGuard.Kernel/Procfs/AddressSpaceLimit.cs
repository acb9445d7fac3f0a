namespace ForkGuard.Kernel.Procfs;

/// <summary>RLIMIT_AS of a process (getrlimit(2)), which refuses mappings, and so posix_spawn(3), with ENOMEM.</summary>
public static class AddressSpaceLimit
{
    private const ulong NearlyUsedPercent = 90;

    /// <summary>
    /// The process uses 90 % of its address space limit or more. False without a limit; null if it is gone or its
    /// /proc/PID/limits may not be read.
    /// </summary>
    public static bool? IsNearlyUsed(ProcRoot proc, int pid)
    {
        ArgumentNullException.ThrowIfNull(proc);
        Span<byte> buffer = stackalloc byte[4096];
        if (proc.TryRead(pid, "limits"u8, buffer, out var limits) != ReadStatus.Ok)
        {
            return null;
        }

        if (!TryFindSoft(limits, out var soft))
        {
            return false;
        }

        Span<byte> small = stackalloc byte[256];
        return
            proc.TryRead(pid, "statm"u8, small, out var statm) == ReadStatus.Ok && Statm.TryParse(statm, out var size)
            ? (UInt128)size.Total * (uint)ProcRoot.PageSize * 100 >= (UInt128)soft * NearlyUsedPercent
            : null;
    }

    /// <summary>The soft limit in bytes; false if it is unlimited, or the line is not there.</summary>
    internal static bool TryFindSoft(ReadOnlySpan<byte> limits, out ulong soft)
    {
        soft = 0;
        var name = "Max address space"u8;
        while (Ascii.TryTakeLine(ref limits, out var line))
        {
            if (line.StartsWith(name))
            {
                line = line[name.Length..];
                Ascii.SkipSpaces(ref line);
                return Ascii.TryTakeNumber(ref line, out soft);
            }
        }

        return false;
    }
}
