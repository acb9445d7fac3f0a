using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.KernelLog;

/// <summary>Refusals in the kernel's log, each read once.</summary>
public interface IKernelLog : IDisposable
{
    /// <summary>Adds the refusals that were logged since the last call, oldest first. Does not wait.</summary>
    /// <returns>
    /// Ok, also where older records were overwritten before they were read; Denied where the kernel does not allow it any more;
    /// Failed for any other error.
    /// </returns>
    ReadStatus Read(ICollection<KernelRefusal> refusals);
}
