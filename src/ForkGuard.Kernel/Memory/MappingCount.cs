using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Memory;

/// <summary>Number of mappings of a process: each one costs a fork memory and time.</summary>
internal static class MappingCount
{
    /// <summary>vm.max_map_count is an int.</summary>
    internal const ulong Most = int.MaxValue;

    /// <summary>
    /// vm.max_map_count: the kernel's default is 65 530, and distributions set 1 048 576. <see cref="Most"/> if it cannot be read.
    /// </summary>
    internal static ulong ReadMax(ProcRoot proc)
    {
        Span<byte> buffer = stackalloc byte[32];
        return
            proc.TryRead("sys/vm/max_map_count"u8, buffer, out var text) == ReadStatus.Ok
            && Ascii.TryParseOnlyNumber(text, out var max)
            ? max
            : Most;
    }

    /// <summary>Lines of /proc/PID/maps; null if it cannot be read. Takes 4 ms for 10 000 of them.</summary>
    internal static int? Read(ProcRoot proc, int pid)
    {
        var fd = proc.Open(pid, "maps"u8);
        if (fd < 0)
        {
            return null;
        }

        var lines = 0;
        Span<byte> buffer = stackalloc byte[8 * 1024];
        int n;
        while ((n = Libc.Read(fd, buffer)) > 0)
        {
            lines += buffer[..n].Count((byte)'\n');
        }

        Libc.Close(fd);
        return n < 0 ? null : lines;
    }
}
