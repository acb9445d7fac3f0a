using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;

namespace ForkGuard.Fuzz;

/// <summary>Files of cgroups, and where their file systems are mounted.</summary>
internal static class CgroupFileTargets
{
    /// <summary>The same bytes as a number, memory.stat of v1 and v2, and pids.events.</summary>
    internal static void Files(byte[] bytes)
    {
        var number = CgroupNumber.Parse(bytes, CgroupFile.UnlimitedMemory);
        var isRead = number.Status == CgroupReadStatus.Ok;
        FuzzTargets.Require(isRead == number.Problem is null, "a number with a problem, or a failure without one");
        FuzzTargets.Require(isRead || !number.IsLimit, "a limit that was not read");
        FuzzTargets.Require(
            !number.IsLimit || number.Value < CgroupFile.UnlimitedMemory,
            "a limit above what stands for none"
        );
        foreach (var isUnified in (bool[])[false, true])
        {
            var isStat = MemoryStat.TryParse(bytes, isUnified, out var stat);
            FuzzTargets.Require(!isStat || stat.AnonymousHuge <= stat.Anonymous, "more in huge pages than in all");
        }

        var isEvents = RefusedForks.TryParseMax(bytes, out _);
        FuzzTargets.Require(!isEvents || bytes.AsSpan().IndexOf("max "u8) >= 0, "refusals out of nothing");
    }

    internal static void Mountinfo(byte[] bytes)
    {
        foreach (var controller in (string[])["", "pids"])
        {
            var name = System.Text.Encoding.ASCII.GetBytes(controller);
            var type = controller.Length == 0 ? "cgroup2"u8 : "cgroup"u8;
            var point = CgroupMounts.Find(bytes, "/sys"u8, type, name);
            FuzzTargets.Require(point is null || point.AsSpan().StartsWith("/sys"u8), "a mount elsewhere");
        }
    }
}
