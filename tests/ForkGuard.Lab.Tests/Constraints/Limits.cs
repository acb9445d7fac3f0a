using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Lab.Tests.Machine;
using ForkGuard.Testing;

namespace ForkGuard.Lab.Tests.Constraints;

/// <summary>Limits of a container's cgroups that leave a certain room.</summary>
internal static class Limits
{
    private const long Unlimited = 512L << 20;

    /// <summary>Sets pids.max so that so many more tasks fit.</summary>
    internal static async Task<ConstraintCase> LimitPidsAsync(
        this GuestContainer container,
        GuestVictim victim,
        CgroupLevel level,
        int free
    )
    {
        var used = await container.ReadAsync(level, "pids.current");
        await container.WriteAsync(level, "pids.max", used + free);
        return new(victim, free > 0 ? Errno.None : Errno.TryAgain)
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"{free} left at the level {level}"),
            Used = used,
            Limit = used + free,
            Scope = level switch
            {
                CgroupLevel.Container => nameof(ConstraintScope.Container),
                CgroupLevel.Pod => nameof(ConstraintScope.Pod),
                _ => nameof(ConstraintScope.Cgroup),
            },
        };
    }

    /// <summary>Leaves so much room as the counter has it, which may contain a batch of each CPU.</summary>
    internal static async Task LimitMemoryAsync(this GuestContainer container, CgroupLevel level, long room)
    {
        await container.WriteAsync(level, "memory.max", Unlimited);
        var used = await container.ReadAsync(level, "memory.current");
        await container.WriteAsync(level, "memory.max", used + room);
    }
}
