namespace ForkGuard.Kernel.Procfs;

/// <summary>The VmFlags line of an area in smaps (fs/proc/task_mmu.c, show_smap_vma_flags).</summary>
[Flags]
public enum VmFlags
{
    None = 0,

    /// <summary><c>ac</c>, VM_ACCOUNT: charged for its whole length.</summary>
    Accountable = 1,

    /// <summary><c>dc</c>, VM_DONTCOPY: skipped by fork before it is charged.</summary>
    DontCopy = 2,

    /// <summary><c>nr</c>, VM_NORESERVE.</summary>
    NoReserve = 4,

    /// <summary><c>ht</c>, VM_HUGETLB: accounted elsewhere.</summary>
    HugeTlb = 8,

    /// <summary><c>wr</c>, VM_WRITE.</summary>
    Writable = 16,

    /// <summary><c>wf</c>, VM_WIPEONFORK: charged by a fork, and not copied.</summary>
    WipeOnFork = 32,
}

/// <summary>Reads the two-letter flags.</summary>
public static class VmFlagsLine
{
    /// <summary>False if the line is not a whole VmFlags line. Flags that are not known are passed over.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out VmFlags flags)
    {
        flags = VmFlags.None;
        if (!line.StartsWith("VmFlags:"u8))
        {
            return false;
        }

        var rest = line["VmFlags:"u8.Length..];
        Ascii.SkipSpaces(ref rest);
        while (!rest.IsEmpty)
        {
            var flag = Ascii.TakeWord(ref rest);
            if (flag.Length != 2)
            {
                return false;
            }

            flags |= FlagOf(flag);
        }

        return true;
    }

    private static VmFlags FlagOf(ReadOnlySpan<byte> flag) =>
        (flag[0], flag[1]) switch
        {
            ((byte)'a', (byte)'c') => VmFlags.Accountable,
            ((byte)'d', (byte)'c') => VmFlags.DontCopy,
            ((byte)'n', (byte)'r') => VmFlags.NoReserve,
            ((byte)'h', (byte)'t') => VmFlags.HugeTlb,
            ((byte)'w', (byte)'r') => VmFlags.Writable,
            ((byte)'w', (byte)'f') => VmFlags.WipeOnFork,
            _ => VmFlags.None,
        };
}
