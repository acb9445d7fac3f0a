namespace ForkGuard.Kernel.Scanning;

/// <summary>Counts of one scan.</summary>
public readonly record struct ScanStatistics
{
    /// <summary>Processes and kernel threads listed.</summary>
    public int Processes { get; init; }

    /// <summary>Reads of statm.</summary>
    public int StatmReads { get; init; }

    public int MapsReads { get; init; }
    public int SmapsReads { get; init; }

    /// <summary>Processes whose smaps mattered and that the budget left out: their readings are upper bounds.</summary>
    public int LeftOut { get; init; }

    /// <summary>Processes whose mappings mattered and could not be read.</summary>
    public int Unreadable { get; init; }
}
