using System.Text;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// What smaps tells of the candidates of a process. Fed line by line; done as soon as the flags of so many candidates
/// as maps had were seen.
/// </summary>
internal ref struct SmapsTally(OvercommitMode mode, ulong candidateBytes, int candidates, bool countNoReserve)
{
    private ulong _start;
    private ulong _end;
    private bool _isCandidate;
    private bool _isNameKept;
    private ulong _lastEnd;
    private string _pendingName = "";
    private CandidateFingerprint _fingerprint = new(mode);

    /// <summary>The largest mapping that fork would charge.</summary>
    internal ulong Largest { get; private set; }

    /// <summary>All of them; an area that grew between two reads is counted once.</summary>
    internal ulong Sum { get; private set; }

    internal ulong LargestStart { get; private set; }

    /// <summary>Name of the largest mapping as the kernel escapes it; empty for an anonymous one.</summary>
    internal string LargestName { get; private set; } = "";

    internal bool LargestIsWritable { get; private set; }

    /// <summary>A candidate ended without a VmFlags line: this kernel does not write them.</summary>
    internal bool LacksFlags { get; private set; }

    /// <summary>Candidates whose flags were seen.</summary>
    internal int Seen { get; private set; }

    internal readonly bool IsDone => Seen >= candidates;

    /// <summary>Equal to that of maps if these are the very areas that maps had.</summary>
    internal readonly ulong Fingerprint => _fingerprint.Value;

    /// <summary>False if the line is none that smaps has.</summary>
    internal bool TryAdd(scoped ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            return false;
        }

        if (line[0] is >= (byte)'A' and <= (byte)'Z')
        {
            return line[0] != 'V' || !line.StartsWith("VmFlags:"u8) || TryAddFlags(line);
        }

        if (!MapsEntry.TryParse(line, out var entry))
        {
            return false;
        }

        LacksFlags |= _isCandidate;
        _start = entry.Start;
        _end = entry.End;
        _isCandidate = entry.IsCandidate && entry.Bytes >= candidateBytes;
        _isNameKept = false;
        if (_isCandidate)
        {
            _fingerprint.Add(entry);
        }

        if (_isCandidate && entry.Bytes > Largest && !entry.Name.IsEmpty)
        {
            // Only a name that may be wanted is made a string; it is taken back if the flags say otherwise.
            _pendingName = Encoding.UTF8.GetString(entry.Name);
            _isNameKept = true;
        }

        return true;
    }

    private bool TryAddFlags(scoped ReadOnlySpan<byte> line)
    {
        if (!VmFlagsLine.TryParse(line, out var flags))
        {
            return false;
        }

        if (!_isCandidate)
        {
            return true;
        }

        _isCandidate = false;
        Seen++;
        if (!IsCharged(flags))
        {
            return true;
        }

        var bytes = _end - _start;
        if (bytes > Largest)
        {
            Largest = bytes;
            LargestStart = _start;
            LargestName = _isNameKept ? _pendingName : "";
            LargestIsWritable = flags.HasFlag(VmFlags.Writable);
        }

        var from = Math.Max(_start, _lastEnd);
        Sum = Saturating.Add(Sum, _end > from ? _end - from : 0);
        _lastEnd = Math.Max(_lastEnd, _end);
        return true;
    }

    private readonly bool IsCharged(VmFlags flags)
    {
        if ((flags & (VmFlags.DontCopy | VmFlags.HugeTlb)) != VmFlags.None)
        {
            return false;
        }

        // As strict mode would have mapped it: there MAP_NORESERVE is ignored (mm/mmap.c, do_mmap).
        const VmFlags reservedByRequest = VmFlags.NoReserve | VmFlags.Writable;
        return flags.HasFlag(VmFlags.Accountable)
            || (countNoReserve && (flags & reservedByRequest) == reservedByRequest);
    }
}
