using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Accounting;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Cli.Checking;

/// <summary>The kernel's answer to a mapping of the size of a process's largest.</summary>
/// <param name="Bytes">The size that was asked for; 0 if there was nothing to ask.</param>
/// <param name="Errno">0 if granted.</param>
/// <param name="Agrees">The answer agrees with the verdict.</param>
internal readonly record struct ProbeResult(ulong Bytes, int Errno, bool Agrees)
{
    internal bool IsGranted => Errno == 0;

    /// <summary>Null for a process that has no mapping to ask about, or whose mappings could not be read.</summary>
    internal static ProbeResult? Of(in ProcessReading reading)
    {
        var bytes = reading.Mapping.Bytes;
        if (bytes == 0)
        {
            return null;
        }

        var errno = MappingProbe.Map(bytes);
        return new ProbeResult(bytes, errno, errno == 0 == (reading.Assessment.Verdict != Verdict.CannotFork));
    }
}
