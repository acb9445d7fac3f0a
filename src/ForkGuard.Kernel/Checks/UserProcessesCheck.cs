using System.Diagnostics;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// UserProcesses: a fork is refused with EAGAIN if the real uid has RLIMIT_NPROC tasks or more in its user namespace,
/// unless
/// root or CAP_SYS_RESOURCE or CAP_SYS_ADMIN exempt (kernel/fork.c <c>copy_process</c>, kernel/ucount.c
/// <c>is_rlimit_overlimit</c>). Threads and zombies count.
/// </summary>
/// <remarks>
/// The kernel compares with "greater" after it has counted the new task: the limit-th task is granted. All tasks of the
/// node bound those of a user,
/// so the sum is made only if that bound reaches the level, and kept for a minute for users below the level.
/// </remarks>
internal sealed class UserProcessesCheck : IForkCheck
{
    public ConstraintType Type => ConstraintType.UserProcesses;

    public bool IsOfNode => false;

    public bool ReadsOtherProcesses => true;

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

        // With many tasks or low limits, a sum in every scan costs more than it finds.
        if (
            context.LevelPercent > 0
            && Evaluate(context.RecentUsers, process) is { Problem: null } recent
            && recent.Percent < context.LevelPercent
        )
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
        var unknown = users.Unknown(process.RealUid);
        if (users.Problem is { } problem && used < limit)
        {
            return Of(process) with { Problem = problem };
        }

        if (process.IsUidAmbiguous || (process.UserNamespace == 0 && !users.IsShared))
        {
            return Of(process) with { Used = users.OfUid(process.RealUid), Limit = limit, IsBound = true };
        }

        // Tasks that may or may not be this user's matter only where they make the difference.
        var isBound = used < limit && used + unknown >= limit;
        return Of(process) with
        {
            Used = isBound ? used + unknown : used,
            Limit = limit,
            IsBound = isBound,
            Refuses = used >= limit,
            Uncertainty = isBound ? 0 : unknown,
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
