using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// Threads: a fork is refused with EAGAIN if <c>nr_threads >= threads-max</c> (kernel/fork.c <c>copy_process</c>),
/// root's
/// too. Exact at the moment of the read.
/// </summary>
internal sealed class ThreadsCheck : IForkCheck
{
    public ConstraintType Type => ConstraintType.Threads;

    public bool IsOfNode => true;

    public bool TryRead(ScanContext context, ProcessFacts? process, out ConstraintReading reading)
    {
        var node = context.Node;
        var problem = node.TasksProblem ?? node.ThreadsMaxProblem;
        reading = new ConstraintReading
        {
            Type = Type,
            Unit = ConstraintUnit.Tasks,
            Scope = ConstraintScope.Node,
            Used = problem is null ? node.Tasks : 0,
            Limit = problem is null ? node.ThreadsMax : 0,
            Refuses = problem is null && node.Tasks >= node.ThreadsMax,
            Confidence = Confidence.Exact,
            Problem = problem,
        };
        return true;
    }
}
