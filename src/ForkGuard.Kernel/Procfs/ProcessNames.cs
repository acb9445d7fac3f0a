using System.Text;

namespace ForkGuard.Kernel.Procfs;

/// <summary>A process that can fork, by the kernel's name of it.</summary>
/// <param name="Pid">Its pid.</param>
/// <param name="Parent">Pid of its parent; 0 without one.</param>
/// <param name="Command">At most 15 bytes, decoded as UTF-8; it may hold any character.</param>
public readonly record struct NamedProcess(int Pid, int Parent, string Command);

/// <summary>Lists the names of all processes. Kernel threads and zombies, which never fork, are left out.</summary>
public static class ProcessNames
{
    /// <summary>Reads all processes in ascending order of their pids. One that ends meanwhile is left out.</summary>
    /// <exception cref="IOException">The processes cannot be listed.</exception>
    public static IReadOnlyList<NamedProcess> Read(ProcRoot proc)
    {
        ArgumentNullException.ThrowIfNull(proc);
        var found = new List<NamedProcess>();
        Span<byte> buffer = stackalloc byte[1024];
        using var pids = new PidList(proc);
        foreach (var pid in pids.Read())
        {
            if (
                proc.TryRead(pid, "stat"u8, buffer, out var text) == ReadStatus.Ok
                && ProcessStat.TryParse(text, out var stat)
                && !stat.IsKernelThread
                && (!stat.IsZombie || stat.Threads > 1)
            )
            {
                found.Add(new NamedProcess(pid, stat.Parent, Encoding.UTF8.GetString(stat.Command)));
            }
        }

        return found;
    }
}
