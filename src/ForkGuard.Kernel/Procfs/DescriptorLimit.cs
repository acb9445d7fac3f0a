namespace ForkGuard.Kernel.Procfs;

/// <summary>How many files this process may open.</summary>
public static class DescriptorLimit
{
    /// <summary>The soft limit of RLIMIT_NOFILE (/proc/self/limits, proc_pid_limits(5)); 1024 where it cannot be read.</summary>
    public static int Read()
    {
        Span<byte> buffer = stackalloc byte[4096];
        if (new ProcRoot().TryRead("self/limits"u8, buffer, out var text) != ReadStatus.Ok)
        {
            return 1024;
        }

        while (Ascii.TryTakeLine(ref text, out var line))
        {
            if (line.StartsWith("Max open files"u8))
            {
                line = line["Max open files"u8.Length..];
                Ascii.SkipSpaces(ref line);
                return Ascii.TryTakeNumber(ref line, out var limit) ? (int)Math.Min(limit, int.MaxValue) : int.MaxValue;
            }
        }

        return 1024;
    }
}
