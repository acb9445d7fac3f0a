using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Scanning;

/// <summary>Looks at each process of the last scan; see <see cref="ProcessScanner.Visit"/>.</summary>
public interface IProcessVisitor
{
    /// <param name="pid">In ascending order.</param>
    /// <param name="size">As of the last scan; its total is 0 for kernel threads, zombies and what could not be read.</param>
    /// <param name="facts">
    /// The visitor's own. Null for a new process, and at every scan for one whose statm is not held open, since nothing shows
    /// then that its pid was used again.
    /// </param>
    void Visit(int pid, in ProcessSize size, ref object? facts);
}
