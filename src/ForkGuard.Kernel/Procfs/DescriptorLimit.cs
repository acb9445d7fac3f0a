namespace ForkGuard.Kernel.Procfs;

/// <summary>How many files this process may open (RLIMIT_NOFILE, getrlimit(2)).</summary>
public static class DescriptorLimit
{
    private const ulong Default = 1024;

    /// <summary>
    /// Raises the soft limit to the hard one, and returns the soft limit that holds then; 1024 where it cannot be read. An
    /// unlimited number is <see cref="int.MaxValue"/>.
    /// </summary>
    public static int Raise()
    {
        if (!Libc.TryGetDescriptorLimit(out var soft, out var hard))
        {
            return (int)Default;
        }

        if (soft < hard && Libc.TrySetDescriptorLimit(hard, hard))
        {
            soft = hard;
        }

        return (int)Math.Min(soft, int.MaxValue);
    }
}
