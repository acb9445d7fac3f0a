using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Testing;

namespace ForkGuard.Kernel.Tests.RealKernel;

/// <summary>The checks on the running kernel, each beside a real fork.</summary>
internal sealed class LiveChecks : IDisposable
{
    private readonly CgroupRoot _cgroups;

    internal LiveChecks()
    {
        _cgroups = new CgroupRoot(new ProcRoot());
        Context = new ScanContext(new ProcRoot(), _cgroups);
    }

    internal ScanContext Context { get; }

    internal ForkCheckResult Read(int pid)
    {
        var result = ForkChecks.ReadAll(Context, pid, DateTimeOffset.UnixEpoch);
        Assert.Equal(ReadStatus.Ok, result.Status);
        return result;
    }

    /// <summary>The reading of one constraint; null if it does not apply.</summary>
    internal ConstraintReading? Find(int pid, ConstraintType type)
    {
        foreach (var reading in Read(pid).Readings)
        {
            if (reading.Type == type)
            {
                Assert.Null(reading.Problem);
                return reading;
            }
        }

        return null;
    }

    /// <summary>Compares the reading with what a real fork gets, and returns whether it was refused.</summary>
    internal async Task<bool> CompareAsync(Forker forker, ConstraintType type, int refusal = Errno.TryAgain)
    {
        var refuses = Find(forker.Pid, type)?.Refuses ?? false;
        var errno = await forker.ForkAsync();
        Assert.Equal(refuses ? refusal : Errno.None, errno);
        return refuses;
    }

    public void Dispose() => _cgroups.Dispose();
}
