namespace ForkGuard.Kernel.Scanning;

/// <summary>What one scan did.</summary>
public readonly record struct ScanStatistics
{
    /// <summary>Processes and kernel threads listed.</summary>
    public int Processes { get; init; }

    /// <summary>Reads of statm: none where mode or Committed_AS excuses all processes at once.</summary>
    public int StatmReads { get; init; }

    public int MapsReads { get; init; }
    public int SmapsReads { get; init; }

    /// <summary>Processes whose mappings mattered and could not be read.</summary>
    public int Unreadable { get; init; }
}
