namespace ForkGuard.Kernel.Procfs;

/// <summary>A line of /proc/PID/maps, which is also the first line of each area in smaps (proc_pid_maps(5)).</summary>
public readonly ref struct MapsEntry
{
    public ulong Start { get; private init; }
    public ulong End { get; private init; }
    public bool IsReadable { get; private init; }
    public bool IsWritable { get; private init; }
    public bool IsExecutable { get; private init; }

    /// <summary>Private (copy on write): without it nothing is charged.</summary>
    public bool IsPrivate { get; private init; }

    /// <summary>As the kernel escapes it: a newline is <c>\012</c>. Empty for an anonymous mapping.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    public ulong Bytes => End - Start;

    /// <summary>The kernel's own pages in every process; they are private but never charged.</summary>
    public bool IsKernelProvided =>
        Name.StartsWith("[vvar"u8) || Name.SequenceEqual("[vdso]"u8) || Name.SequenceEqual("[vsyscall]"u8);

    /// <summary>The mapping could be charged at a fork; only VmFlags in smaps proves that it is.</summary>
    public bool IsCandidate => IsPrivate && !IsKernelProvided;

    /// <summary>r, w, x and p as bits, to compare two readings.</summary>
    public byte PermissionBits =>
        (byte)((IsReadable ? 1 : 0) | (IsWritable ? 2 : 0) | (IsExecutable ? 4 : 0) | (IsPrivate ? 8 : 0));

    /// <summary>False for anything that is not <c>start-end perms offset dev inode [name]</c> with start below end.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out MapsEntry entry)
    {
        entry = default;
        var rest = line;
        if (
            !Ascii.TryTakeHex(ref rest, out var start)
            || !Ascii.TryTake(ref rest, (byte)'-')
            || !Ascii.TryTakeHex(ref rest, out var end)
            || end <= start
            || !Ascii.TryTake(ref rest, (byte)' ')
            || rest.Length < 5
            || !ArePermissions(rest[..4])
        )
        {
            return false;
        }

        var permissions = rest[..4];
        rest = rest[4..];
        if (!Ascii.TryTake(ref rest, (byte)' ') || !TrySkipOffsetDeviceAndInode(ref rest))
        {
            return false;
        }

        Ascii.SkipSpaces(ref rest);
        entry = new MapsEntry
        {
            Start = start,
            End = end,
            IsReadable = permissions[0] == 'r',
            IsWritable = permissions[1] == 'w',
            IsExecutable = permissions[2] == 'x',
            IsPrivate = permissions[3] == 'p',
            Name = rest,
        };
        return true;
    }

    private static bool ArePermissions(ReadOnlySpan<byte> p) =>
        p[0] is (byte)'r' or (byte)'-'
        && p[1] is (byte)'w' or (byte)'-'
        && p[2] is (byte)'x' or (byte)'-'
        && p[3] is (byte)'p' or (byte)'s' or (byte)'S';

    private static bool TrySkipOffsetDeviceAndInode(ref ReadOnlySpan<byte> rest) =>
        Ascii.TryTakeHex(ref rest, out _)
        && Ascii.TryTake(ref rest, (byte)' ')
        && Ascii.TryTakeHex(ref rest, out _)
        && Ascii.TryTake(ref rest, (byte)':')
        && Ascii.TryTakeHex(ref rest, out _)
        && Ascii.TryTake(ref rest, (byte)' ')
        && Ascii.TryTakeNumber(ref rest, out _)
        && (rest.IsEmpty || rest[0] == ' ');
}
