using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Bounds that maps gives of a process, and the mappings that would have to be looked up in smaps. Fed line by line.
/// </summary>
/// <param name="candidateBytes">Private mappings from this size on are candidates.</param>
/// <param name="maxChargedBytes">Larger mappings cannot be charged.</param>
/// <param name="known">Flags of an earlier read of smaps; null if there are none.</param>
internal struct MappingSurvey(ulong candidateBytes, ulong maxChargedBytes, SmapsCacheEntry? known)
{
    private int _next;

    internal int Lines { get; private set; }

    /// <summary>The largest private mapping: an upper bound of the largest accountable one.</summary>
    internal ulong LargestPrivate { get; private set; }

    /// <summary>The largest private mapping that is not a candidate.</summary>
    internal ulong LargestBesideCandidates { get; private set; }

    /// <summary>All private mappings.</summary>
    internal ulong PrivateSum { get; private set; }

    /// <summary>Private mappings that are large enough to matter.</summary>
    internal int Candidates { get; private set; }

    /// <summary>Address after the last candidate.</summary>
    internal ulong LastCandidateEnd { get; private set; }

    /// <summary>The largest candidate that is known to be charged.</summary>
    internal MappingRange LargestKnown { get; private set; }

    /// <summary>All candidates that are known to be charged.</summary>
    internal ulong KnownSum { get; private set; }

    /// <summary>The largest candidate of which nothing is known.</summary>
    internal ulong LargestUnknown { get; private set; }

    /// <summary>All candidates of which nothing is known.</summary>
    internal ulong UnknownSum { get; private set; }

    /// <summary>The smallest mapping that was passed over because it cannot be charged.</summary>
    internal ulong SmallestPassedOver { get; private set; } = ulong.MaxValue;

    /// <summary>False if the line is not one of maps.</summary>
    internal bool TryAdd(ReadOnlySpan<byte> line)
    {
        if (!MapsEntry.TryParse(line, out var entry))
        {
            return false;
        }

        Lines++;
        if (!entry.IsCandidate)
        {
            return true;
        }

        if (entry.Bytes > maxChargedBytes)
        {
            SmallestPassedOver = Math.Min(SmallestPassedOver, entry.Bytes);
            return true;
        }

        LargestPrivate = Math.Max(LargestPrivate, entry.Bytes);
        PrivateSum = Saturating.Add(PrivateSum, entry.Bytes);
        if (entry.Bytes < candidateBytes)
        {
            LargestBesideCandidates = Math.Max(LargestBesideCandidates, entry.Bytes);
            return true;
        }

        Candidates++;
        LastCandidateEnd = Math.Max(LastCandidateEnd, entry.End);
        AddCandidate(entry);
        return true;
    }

    private void AddCandidate(in MapsEntry entry)
    {
        switch (known?.IsCharged(entry, ref _next))
        {
            case null:
                LargestUnknown = Math.Max(LargestUnknown, entry.Bytes);
                UnknownSum = Saturating.Add(UnknownSum, entry.Bytes);
                break;
            case true:
                KnownSum = Saturating.Add(KnownSum, entry.Bytes);
                if (entry.Bytes > LargestKnown.Bytes)
                {
                    LargestKnown = new MappingRange(
                        entry.Start,
                        entry.End,
                        entry.Name.IsEmpty ? "" : Encoding.UTF8.GetString(entry.Name),
                        entry.IsWritable
                    );
                }

                break;
        }
    }
}
