using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>Memory of a process, also of one whose main thread has exited: its status shows none.</summary>
public static class LivingProcessMemory
{
    /// <summary>As <see cref="ProcessMemory.Read"/>, of a thread that lives where the main thread does not.</summary>
    public static ReadStatus Read(ProcRoot proc, int pid, out ProcessMemory memory) =>
        Read(proc, pid, out memory, out _);

    internal static ReadStatus Read(ProcRoot proc, int pid, out ProcessMemory memory, out (ProcRoot Root, int Id) files)
    {
        files = (proc, pid);
        var status = ProcessMemory.Read(proc, pid, out memory);
        if (status != ReadStatus.NoAddressSpace)
        {
            return status;
        }

        files = LivingThread.FilesOf(proc, pid);
        return ProcessMemory.Read(files.Root, files.Id, out memory);
    }
}
