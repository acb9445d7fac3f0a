using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>One mapping of a process with the kernel's flags.</summary>
/// <param name="Range">Addresses and name.</param>
/// <param name="Flags">As VmFlags in smaps has them.</param>
/// <param name="Permissions">As maps has them, such as <c>rw-p</c>.</param>
public readonly record struct Area(MappingRange Range, VmFlags Flags, string Permissions)
{
    /// <summary>Fork charges it.</summary>
    public bool IsCharged =>
        Flags.HasFlag(VmFlags.Accountable) && (Flags & (VmFlags.DontCopy | VmFlags.HugeTlb)) == VmFlags.None;
}

/// <summary>Reads the whole of smaps, to show it. Dear for the process that is read: not for scans.</summary>
public static class Areas
{
    /// <summary>All mappings in the order of their addresses. The list is empty unless the status is Ok.</summary>
    public static ReadStatus TryRead(ProcRoot proc, int pid, out IReadOnlyList<Area> areas)
    {
        ArgumentNullException.ThrowIfNull(proc);
        areas = [];
        var fd = proc.Open(pid, "smaps"u8);
        if (fd < 0)
        {
            return ProcRoot.StatusOf(-fd);
        }

        var list = new List<Area>();
        var reader = new LineReader(fd, new byte[32 * 1024]);
        var isSound = true;
        while (isSound && reader.TryRead(out var line))
        {
            isSound = TryAdd(list, line);
        }

        Libc.Close(fd);
        if (!isSound || reader.Status != ReadStatus.Ok)
        {
            return isSound ? reader.Status : ReadStatus.Malformed;
        }

        if (list.Count == 0)
        {
            return ReadStatus.NoAddressSpace;
        }

        areas = list;
        return ReadStatus.Ok;
    }

    private static bool TryAdd(List<Area> list, ReadOnlySpan<byte> line)
    {
        if (MapsEntry.TryParse(line, out var entry))
        {
            var range = new MappingRange(entry.Start, entry.End, Encoding.UTF8.GetString(entry.Name), entry.IsWritable);
            list.Add(new Area(range, VmFlags.None, PermissionsOf(entry)));
            return true;
        }

        if (!VmFlagsLine.TryParse(line, out var flags))
        {
            return !line.IsEmpty && line[0] is >= (byte)'A' and <= (byte)'Z';
        }

        if (list.Count == 0)
        {
            return false;
        }

        list[^1] = list[^1] with { Flags = flags };
        return true;
    }

    private static string PermissionsOf(in MapsEntry entry) =>
        $"{(entry.IsReadable ? 'r' : '-')}{(entry.IsWritable ? 'w' : '-')}{(entry.IsExecutable ? 'x' : '-')}{(entry.IsPrivate ? 'p' : 's')}";
}
