using ForkGuard.Kernel.Accounting;

namespace ForkGuard.Kernel.Scanning;

/// <summary>The charge of a fork of a process, and its source.</summary>
/// <param name="Charge">The sizes.</param>
/// <param name="Source">The dearest file that they come from.</param>
/// <param name="Mapping">The largest mapping that is charged; empty where only bounds are known.</param>
/// <param name="MeasuredTime">Time of the read of smaps, or of the bound.</param>
internal readonly record struct MeasuredCharge(
    ProcessCharge Charge,
    ReadingSource Source,
    MappingRange Mapping,
    DateTimeOffset MeasuredTime
);
