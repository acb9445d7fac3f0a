using System.Globalization;
using ForkGuard.Lab.Tests.Judging;
using ForkGuard.Lab.Tests.Machine;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>A kernel with cgroups, booted once for the tests of every constraint.</summary>
public abstract class ConstraintMachine(LabReport report, string suite, int cpus, CgroupVersion version)
    : IAsyncLifetime
{
    private const int Mebibytes = 512;

    private VirtualMachine? _machine;

    internal Guest Guest { get; private set; } = null!;

    internal CgroupTree Cgroups { get; private set; } = null!;

    /// <summary>Release, CPUs and version of the cgroups, for messages and the report.</summary>
    internal string Name { get; private set; } = "";

    internal int Cpus => cpus;

    internal LabReport Report => report;

    /// <summary>The memory controller is that of cgroup v2.</summary>
    internal bool HasUnifiedCgroups => version == CgroupVersion.V2;

    /// <summary>
    /// Later kernels show the pid namespace for children before it has an init, so that one whose init is dead looks the
    /// same. 6.18 does not, 7.2 does.
    /// </summary>
    internal bool ShowsEmptyPidNamespaces => !LabKernel.IsBefore(Name, 7, 0);

    public async ValueTask InitializeAsync()
    {
        var kernel = await LabKernel.FetchAsync(suite);
        var cgroups = version switch
        {
            CgroupVersion.V1 => "cgroup v1",
            CgroupVersion.V2 => "cgroup v2",
            _ => "hybrid cgroups",
        };
        _machine = await VirtualMachine.BootAsync(
            kernel,
            $"{suite}-{cpus}-{version}".ToLowerInvariant(),
            Mebibytes,
            cpus
        );
        Guest = new Guest(_machine);
        Name = string.Create(CultureInfo.InvariantCulture, $"{kernel.Release}, {cpus} CPU, {cgroups}");
        Cgroups = await CgroupTree.MountAsync(Guest, version);
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
        {
            await _machine.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    internal async Task ResetAsync()
    {
        await Guest.ResetAsync();
        await Cgroups.RemoveAllAsync();
    }

    /// <summary>The verdicts of one <c>forkguard check</c> about them all, then the fork of each.</summary>
    internal async Task<IReadOnlyList<ConstraintTrial>> TryAsync(
        string constraint,
        params IReadOnlyList<ConstraintCase> cases
    )
    {
        var verdicts = await CheckAsync([.. cases.Select(c => c.Victim)]);
        var trials = new List<ConstraintTrial>();
        foreach (var (tried, verdict) in cases.Zip(verdicts))
        {
            var fork = await tried.Victim.ForkAsync();
            trials.Add(new(Name, constraint, tried, verdict, fork.Error));
        }

        report.Add(trials);
        return trials;
    }

    /// <param name="victims">The processes that it evaluates.</param>
    /// <param name="steps">Steps of init before the program, such as <c>unshare cgroup</c>.</param>
    internal async Task<IReadOnlyList<ConstraintVerdict>> CheckAsync(
        IReadOnlyList<GuestVictim> victims,
        params IEnumerable<string> steps
    )
    {
        var pids = victims.Select(v => v.Pid!.Value.ToString(CultureInfo.InvariantCulture));
        var answer = await Guest.RunAsync([
            .. steps.Select(step => $"{Initramfs.Init} {step}"),
            Initramfs.ForkGuard,
            "check",
            "-o",
            "json",
            .. pids,
        ]);
        List<ConstraintVerdict> verdicts =
        [
            .. answer.Where(line => line.StartsWith('{')).Select(ConstraintVerdict.Parse),
        ];
        Assert.True(
            verdicts.Select(v => (int?)v.Pid).SequenceEqual(victims.Select(v => v.Pid)),
            $"{Name}: forkguard check {string.Join(' ', pids)} printed: {string.Join('\n', answer)}"
        );
        return verdicts;
    }
}

/// <summary>The only kernel of the lab with the memory controller of cgroup v1.</summary>
public sealed class BookwormControllers(LabReport report)
    : ConstraintMachine(report, "bookworm", cpus: 2, CgroupVersion.V1);

public sealed class BookwormHybrid(LabReport report)
    : ConstraintMachine(report, "bookworm", cpus: 1, CgroupVersion.Hybrid);

/// <summary>The oldest kernel of the lab.</summary>
public sealed class BookwormCgroups(LabReport report)
    : ConstraintMachine(report, "bookworm", cpus: 1, CgroupVersion.V2);

public sealed class TrixieCgroups(LabReport report) : ConstraintMachine(report, "trixie", cpus: 1, CgroupVersion.V2);

public sealed class SidCgroups(LabReport report) : ConstraintMachine(report, "sid", cpus: 4, CgroupVersion.V2);
