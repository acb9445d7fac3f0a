using System.Diagnostics;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// UserProcesses: a fork is refused with EAGAIN if the real uid has RLIMIT_NPROC tasks or more in its user namespace, unless
/// root or CAP_SYS_RESOURCE or CAP_SYS_ADMIN exempt (kernel/fork.c <c>copy_process</c>, kernel/ucount.c
/// <c>is_rlimit_overlimit</c>). Threads and zombies count.
/// </summary>
/// <remarks>
/// The kernel compares with "greater" after it has counted the new task: the limit-th task is granted. All tasks of the node bound those of a user,
/// so the sum is made only if that bound reaches the level.
/// </remarks>
internal sealed class UserProcessesCheck : IForkCheck
{
    public ConstraintType Type => ConstraintType.UserProcesses;

    public bool IsOfNode => false;

    public bool TryRead(ScanContext context, ProcessFacts? process, out ConstraintReading reading)
    {
        Debug.Assert(process is not null, "a limit is that of a process");
        reading = default;
        if (process.LimitProblem is { } problem)
        {
            reading = Of(process) with { Problem = problem };
            return true;
        }

        if (process.SoftProcessLimit == ulong.MaxValue || process.IsExemptFromProcessLimit)
        {
            return false;
        }

        if (context.Node.StaysBelow(context.LevelPercent, process.SoftProcessLimit))
        {
            return false;
        }

        reading = Evaluate(context.Users, process);
        return true;
    }

    private static ConstraintReading Evaluate(UserTasks users, ProcessFacts process)
    {
        var limit = process.SoftProcessLimit;
        var used = users.Of(process.UserNamespace, process.RealUid);
        var isKnown = process.UserNamespace != 0;

        // Tasks that could not be read may belong to this user: they matter only where they could make the difference.
        var isBound = !isKnown || (users.Unknown > 0 && used < limit && used + users.Unknown >= limit);
        return Of(process) with
        {
            Used = isBound ? used + users.Unknown : used,
            Limit = limit,
            IsBound = isBound,
            Refuses = isKnown && used >= limit,
            Uncertainty = isBound ? 0 : Math.Min(users.Unknown, limit),
        };
    }

    private static ConstraintReading Of(ProcessFacts process) =>
        new()
        {
            Type = ConstraintType.UserProcesses,
            Unit = ConstraintUnit.Tasks,
            Scope = ConstraintScope.User,
            ScopeName = process.UidText,
            Confidence = Confidence.Estimate,
        };
}
