using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Accounting;

/// <summary>Version of a kernel, as far as it decides which rule holds.</summary>
public readonly record struct KernelRelease(int Major, int Minor)
{
    /// <summary>Commit 8c7829b04c52: mode 0 compares each mapping with RAM plus swap, and no longer with what is free.</summary>
    public bool HasTotalMemoryRule => Major > 5 || (Major == 5 && Minor >= 2);

    /// <summary>
    /// The link ns/pid_for_children may exist before its namespace has an init: seen on 7.2 and not on 6.18, so it is assumed
    /// of everything in between.
    /// </summary>
    public bool LinksNamespacesWithoutInit => Major > 6 || (Major == 6 && Minor > 18);

    /// <summary>
    /// Commit 7863dcc72d0f: each pid namespace has a pid_max, and a reader of /proc/sys/kernel/pid_max gets that of its own
    /// namespace.
    /// </summary>
    public bool HasPidMaxOfNamespace => Major > 6 || (Major == 6 && Minor >= 14);

    /// <summary>
    /// Resident pages of a process are counted by each of its threads, and added up every 64 page faults (SPLIT_RSS_COUNTING).
    /// </summary>
    public bool CountsPagesByThread => Major < 6 || (Major == 6 && Minor < 2);

    /// <summary>
    /// Resident pages are counted by each CPU (f1a7941243c1, Linux 6.2), and /proc shows the sum without the parts that CPUs hold
    /// (until Linux 6.17, and some stable releases before).
    /// </summary>
    public bool CountsPagesByCpu => Major == 6 && Minor is >= 2 and <= 16;

    /// <summary>Takes the numbers off the front of a release such as <c>4.18.0-553.el8_10.x86_64</c>; false if there are none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out KernelRelease release)
    {
        release = default;
        var rest = text;
        if (
            !Ascii.TryTakeNumber(ref rest, out var major)
            || !Ascii.TryTake(ref rest, (byte)'.')
            || !Ascii.TryTakeNumber(ref rest, out var minor)
            || major > int.MaxValue
            || minor > int.MaxValue
        )
        {
            return false;
        }

        release = new KernelRelease((int)major, (int)minor);
        return true;
    }
}
