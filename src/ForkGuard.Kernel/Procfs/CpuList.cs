namespace ForkGuard.Kernel.Procfs;

/// <summary>CPUs of the machine, by the first lines of /proc/stat (proc_stat(5)).</summary>
internal static class CpuList
{
    // A CPU has ten numbers, of 20 digits at most.
    private const int MaxLineBytes = 256;

    /// <summary>Counts the CPUs that are online. Anything but Ok if the file cannot be read.</summary>
    internal static ReadStatus Count(ProcRoot proc, out int cpus)
    {
        cpus = 0;
        var fd = proc.Open("stat"u8);
        if (fd < 0)
        {
            return ProcRoot.StatusOf(-fd);
        }

        // The lines of all CPUs come first, and much longer ones after them.
        var reader = new LineReader(fd, stackalloc byte[MaxLineBytes]);
        while (reader.TryRead(out var line) && line.StartsWith("cpu"u8))
        {
            cpus += line.Length > 3 && line[3] != ' ' ? 1 : 0;
        }

        Libc.Close(fd);
        return cpus > 0 ? ReadStatus.Ok : reader.Status;
    }
}
