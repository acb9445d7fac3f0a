namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Time that one scan may spend on files that stop the processes they are read of: while smaps is read, the process's own
/// mmap(2) and munmap(2) wait.
/// </summary>
/// <remarks>
/// A single read that costs more than a budget has is made when nothing is owed, and later scans pay it off. Processes that
/// the budget leaves out are reported by an upper bound.
/// </remarks>
public sealed record ScanBudget
{
    /// <summary>Reads of smaps in one scan.</summary>
    public TimeSpan Smaps { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Reads of smaps for one pod in one scan; for one process where no pod is known.</summary>
    public TimeSpan SmapsOfPod { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Reads of maps in one scan.</summary>
    public TimeSpan Maps { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>For a single look that someone waits for.</summary>
    public static ScanBudget Unlimited { get; } =
        new()
        {
            Smaps = TimeSpan.FromDays(1),
            SmapsOfPod = TimeSpan.FromDays(1),
            Maps = TimeSpan.FromDays(1),
        };
}
