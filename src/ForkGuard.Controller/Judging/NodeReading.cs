using ForkGuard.Api;

namespace ForkGuard.Controller.Judging;

/// <summary>A report as the controller saw it.</summary>
internal sealed record NodeReading
{
    public required string Node { get; init; }
    public required NodeForkReportStatus Status { get; init; }

    /// <summary>When the report was seen to change, by the controller's clock; null before its first change.</summary>
    /// <remarks>A report that was there when the controller started may be of any age.</remarks>
    public required DateTimeOffset? SeenTime { get; init; }

    public required TimeSpan ScanInterval { get; init; }

    /// <summary>When the mode or the limit was last seen to move; null if never.</summary>
    public DateTimeOffset? LimitChangedTime { get; init; }

    internal int OvercommitMode => Status.Kernel?.OvercommitMode ?? 0;

    /// <summary>No older than three scans.</summary>
    internal bool IsFresh(DateTimeOffset now) => SeenTime is { } seen && now - seen <= ScanInterval * 3 && now >= seen;

    /// <summary>The process was measured in the scan that the report tells of, and not kept from one before.</summary>
    internal bool IsFresh(ProcessReport process) =>
        Status.ObservedTime is { } observed && (observed - process.MeasuredTime).Duration() < ScanInterval / 2;
}
