using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Machine;

/// <summary>The cgroups above a process of a pod, from the one that the kubelet uses as its root.</summary>
public enum CgroupLevel
{
    Root,
    Pods,
    QualityOfService,
    Pod,
    Container,
}

/// <summary>The cgroups of a container in a guest.</summary>
internal sealed class GuestContainer(Guest guest, CgroupTree tree, CgroupDriver driver, string path)
{
    internal CgroupDriver Driver => driver;

    /// <summary>The path of a cgroup above a process, in each hierarchy; levels are counted from the last one.</summary>
    internal string PathOf(CgroupLevel level) =>
        string.Join('/', path.Split('/').SkipLast(CgroupLevel.Container - level));

    /// <summary>Starts a victim in the container, behind further steps of init.</summary>
    internal async Task<GuestVictim> StartAsync(string arguments, params string[] steps)
    {
        var label = string.Join(", ", [$"{driver}", .. steps]);
        var victim = await guest.StartAsync(arguments, label, [.. tree.StepsInto(path), .. steps]);
        Assert.True(victim.Pid is not null, $"{victim.Layout}: {victim.Refusal}");
        return victim;
    }

    /// <summary>Starts a saver in the container.</summary>
    internal Task<GuestSaver> StartSaverAsync() => guest.StartSaverAsync(tree.StepsInto(path));

    /// <summary>Reads a number from a file with the name of cgroup v2.</summary>
    internal async Task<long> ReadAsync(CgroupLevel level, string name) =>
        long.Parse(await guest.ReadAsync(tree.FileOf(PathOf(level), name)), CultureInfo.InvariantCulture);

    /// <summary>
    /// Waits until a number is not above a bound any more. The page tables of an ended process can be freed later than its
    /// parent has waited for it: through RCU (CONFIG_PT_RECLAIM, mm/Kconfig, since Linux 6.14).
    /// </summary>
    internal Task WaitForAtMostAsync(CgroupLevel level, string name, long bound) =>
        Condition.HoldsAsync(
            async _ => await ReadAsync(level, name) <= bound,
            $"{name} of {PathOf(level)} is at most {bound}",
            TimeSpan.FromMinutes(1),
            TestContext.Current.CancellationToken
        );

    /// <summary>Writes a number to a file with the name of cgroup v2.</summary>
    internal Task WriteAsync(CgroupLevel level, string name, long value) =>
        guest.WriteAsync(tree.FileOf(PathOf(level), name), value.ToString(CultureInfo.InvariantCulture));
}
