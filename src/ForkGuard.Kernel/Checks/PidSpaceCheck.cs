using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Pids: a fork is refused with EAGAIN if no pid is free (kernel/pid.c <c>alloc_pid</c>). pid_max is exclusive, and
/// pids
/// below 300 are used only once, after the boot.
/// </summary>
/// <remarks>
/// An estimate: tasks are counted, although up to 299 of them have a pid below 300 and sessions and process groups keep
/// the pid
/// of a leader that has ended. The former is the stated error.
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
        var limit = node.PidMax > Reserved ? node.PidMax - Reserved : 0;
        reading = new ConstraintReading
        {
            Type = Type,
            Unit = ConstraintUnit.Pids,
            Scope = ConstraintScope.Node,
            Used = problem is null ? node.Tasks : 0,
            Limit = problem is null ? limit : 0,
            Refuses = problem is null && node.Tasks >= limit,
            Confidence = Confidence.Estimate,
            Uncertainty = problem is null ? Reserved : 0,
            Problem = problem,
        };
        return true;
    }
}
