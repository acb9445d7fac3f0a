using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>
/// Reads the flags of the candidates of a process. Fed line by line; done as soon as the flags of the last candidate
/// that maps had were seen, or an area beyond it.
/// </summary>
internal ref struct SmapsTally(ulong candidateBytes, ulong maxChargedBytes, ulong lastCandidateEnd, bool countNoReserve)
{
    private ulong _start;
    private ulong _end;
    private bool _isCandidate;
    private bool _isNameKept;
    private ulong _lastEnd;
    private string _pendingName = "";
    private byte _permissions;
    private readonly List<KeptArea> _areas = [];

    /// <summary>The largest mapping that fork would charge.</summary>
    internal ulong Largest { get; private set; }

    /// <summary>All of them; an area that grew between two reads is counted once.</summary>
    internal ulong Sum { get; private set; }

    private ulong LargestStart { get; set; }

    /// <summary>Name of the largest mapping as the kernel escapes it; empty for an anonymous one.</summary>
    private string LargestName { get; set; } = "";

    private bool LargestIsWritable { get; set; }

    /// <summary>Addresses and name of the largest mapping; empty if fork charges none.</summary>
    internal readonly MappingRange LargestRange =>
        Largest == 0 ? default : new MappingRange(LargestStart, LargestStart + Largest, LargestName, LargestIsWritable);

    /// <summary>A candidate ended without a VmFlags line: this kernel does not write them.</summary>
    internal bool LacksFlags { get; private set; }

    /// <summary>Every candidate that maps had was seen, unless it has gone since.</summary>
    internal bool IsDone { get; private set; }

    /// <summary>The candidates in the order of their addresses.</summary>
    internal readonly KeptArea[] Areas => [.. _areas];

    /// <summary>False if the line is not one of smaps.</summary>
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
        _permissions = entry.PermissionBits;
        _isCandidate = entry.IsCandidate && entry.Bytes >= candidateBytes && entry.Bytes <= maxChargedBytes;
        _isNameKept = false;
        if (_isCandidate && entry.Bytes > Largest && !entry.Name.IsEmpty)
        {
            // Only a name that may be wanted is made a string; it is taken back if the flags exclude the mapping.
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

        IsDone = _end >= lastCandidateEnd;
        if (!_isCandidate)
        {
            return true;
        }

        _isCandidate = false;
        var isCharged = IsCharged(flags);
        _areas.Add(new KeptArea(_start, _end, _permissions, isCharged));
        if (!isCharged)
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
