using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// What maps tells of a process: bounds, and which mappings would have to be looked up in smaps. Fed line by line.
/// </summary>
internal struct MappingSurvey(OvercommitMode mode, ulong candidateBytes)
{
    private CandidateFingerprint _fingerprint = new(mode);

    internal int Lines { get; private set; }

    /// <summary>The largest private mapping: an upper bound of the largest accountable one.</summary>
    internal ulong LargestPrivate { get; private set; }

    /// <summary>The largest private mapping that is no candidate.</summary>
    internal ulong LargestBesideCandidates { get; private set; }

    /// <summary>All private mappings.</summary>
    internal ulong PrivateSum { get; private set; }

    /// <summary>Private mappings that are large enough to matter.</summary>
    internal int Candidates { get; private set; }

    /// <summary>Stays the same as long as range and permissions of every candidate do.</summary>
    internal readonly ulong Fingerprint => _fingerprint.Value;

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

        LargestPrivate = Math.Max(LargestPrivate, entry.Bytes);
        PrivateSum = Saturating.Add(PrivateSum, entry.Bytes);
        if (entry.Bytes < candidateBytes)
        {
            LargestBesideCandidates = Math.Max(LargestBesideCandidates, entry.Bytes);
            return true;
        }

        Candidates++;
        _fingerprint.Add(entry);
        return true;
    }
}
