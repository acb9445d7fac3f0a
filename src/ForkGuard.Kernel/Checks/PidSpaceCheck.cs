using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Pids: a fork is refused with EAGAIN if no pid is free (kernel/pid.c <c>alloc_pid</c>). pid_max is exclusive, and
/// pids
/// below 300 are used only once, after the boot.
/// </summary>
/// <remarks>
/// An estimate: tasks are counted, although up to 299 of them have a pid below 300 and sessions and process groups keep the pid
/// of a leader that has ended. The former is the stated error. From Linux 6.14 on a reader in a nested pid namespace reads the
/// pid_max of that namespace: the tasks of the node are then an upper bound of the pids in use there.
/// </remarks>
internal sealed class PidSpaceCheck : IForkCheck
{
    // RESERVED_PIDS (kernel/pid.c).
    private const ulong Reserved = 300;

    public ConstraintType Type => ConstraintType.PidSpace;

    public bool IsOfNode => true;

    public bool TryRead(ScanContext context, ProcessFacts? process, out ConstraintReading reading)
    {
        var node = context.Node;
        var problem = node.TasksProblem ?? node.PidMaxProblem;
        var isBound = context.ReadsNestedPidMax;
        var limit = node.PidMax > Reserved ? node.PidMax - Reserved : 0;
        reading = new ConstraintReading
        {
            Type = Type,
            Unit = ConstraintUnit.Pids,
            Scope = ConstraintScope.Node,
            Used = problem is null ? node.Tasks : 0,
            Limit = problem is null ? limit : 0,
            Refuses = problem is null && !isBound && node.Tasks >= limit,
            Confidence = Confidence.Estimate,
            Uncertainty = problem is null && !isBound ? Reserved : 0,
            IsBound = isBound,
            Problem = problem,
        };
        return true;
    }
}
