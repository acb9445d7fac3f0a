using ForkGuard.Api;

namespace ForkGuard.Cli.Watching;

/// <summary>Something that happened and is said once, or again as a series.</summary>
/// <param name="Time">When it was seen.</param>
/// <param name="Type">The reason that the Event has in a cluster, such as ForkAtRisk.</param>
/// <param name="Watch">The watch that asked; null for what concerns the whole machine.</param>
/// <param name="Process">The process; null for what concerns the whole machine.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Note">Size, limit, mode, growth, time left and the remedy.</param>
/// <param name="Count">How often it was said since the last recovery.</param>
internal sealed record WatchEvent(
    DateTimeOffset Time,
    string Type,
    string? Watch,
    ProcessReport? Process,
    string Reason,
    string Note,
    int Count
);
