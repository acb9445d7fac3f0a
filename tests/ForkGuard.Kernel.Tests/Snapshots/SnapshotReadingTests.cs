using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Memory;
using ForkGuard.Kernel.Snapshots;
using ForkGuard.Kernel.Tests.Cgroups;

namespace ForkGuard.Kernel.Tests.Snapshots;

public sealed class SnapshotReadingTests : IDisposable
{
    private const ulong Batch = 64 * 4096;
    private const ulong Anonymous = 100_000_000;

    private readonly CapturedCgroups _captured = new();

    public SnapshotReadingTests() => _captured.AddUnified("/saver");

    /// <summary>Batches of charges that a CPU holds count as usage, and RssAnon lacks pages that a thread or CPU has not counted.</summary>
    [Theory]
    [InlineData(2 * Batch, 2 * Batch)]
    [InlineData(Batch, 8 * Batch)]
    public void A_save_survives_for_certain_outside_the_error_of_both_numbers(ulong uncertainty, ulong counterError)
    {
        var error = uncertainty + counterError;
        Assert.Equal(Confidence.Exact, Read(uncertainty, counterError, error).ToConstraint().Confidence);
        Assert.Equal(Confidence.Estimate, Read(uncertainty, counterError, error - 1).ToConstraint().Confidence);
    }

    public void Dispose() => _captured.Dispose();

    private SnapshotReading Read(ulong uncertainty, ulong counterError, ulong beyondWorst)
    {
        using var root = _captured.Open();
        var cost = ForkCost.Of(new ProcessMemory { Anonymous = Anonymous });
        var room = cost.WorstCaseBytes + beyondWorst;
        return new SnapshotReading
        {
            Cost = cost,
            CounterError = counterError,
            Room = new MemoryRoom
            {
                Bytes = new ByteInterval(room, room),
                Limiting = root.Locate("0::/saver\n"u8, CgroupController.Memory).Cgroup,
                Uncertainty = uncertainty,
            },
        };
    }
}
