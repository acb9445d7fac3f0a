using System.Diagnostics;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Kernel.Checks;

/// <summary>
/// PidNamespace: a fork is refused with ENOMEM if the init of the pid namespace for children has ended (kernel/pid.c
/// <c>alloc_pid</c>; pid_namespaces(7)). A missing link means that no child exists yet, and the first becomes its init.
/// </summary>
/// <remarks>
/// On later kernels the link exists from the start: a namespace whose init was reaped and one that has none yet look the same. The
/// reading then has a problem instead of a verdict.
/// </remarks>
internal sealed class PidNamespaceCheck : IForkCheck
{
    public ConstraintType Type => ConstraintType.PidNamespace;

    public bool IsOfNode => false;

    public bool ReadsOtherProcesses => true;

    public bool TryRead(ScanContext context, ProcessFacts? process, out ConstraintReading reading)
    {
        Debug.Assert(process is not null, "a namespace is that of a process");
        reading = default;
        // The members of a namespace end with its init: a process that lives in one can fork into it.
        if (
            process.PidNamespaceProblem is null
            && (
                process.PidNamespaceForChildren == 0
                || process.PidNamespaceForChildren == process.PidNamespace
                || context.LivingNamespaces.HasInit(process.PidNamespaceForChildren)
            )
        )
        {
            return false;
        }

        reading = new ConstraintReading
        {
            Type = Type,
            Unit = ConstraintUnit.Tasks,
            Scope = ConstraintScope.Process,
            Confidence = Confidence.Exact,
            Problem = process.PidNamespaceProblem,
        };
        if (reading.Problem is not null)
        {
            return true;
        }

        var namespaces = context.LivingNamespaces;
        var problem =
            namespaces.HasEnded(process.PidNamespaceForChildren) ? null
            : namespaces.IsEnding(process.PidNamespaceForChildren)
                ? "the init of the pid namespace for children is ending"
            : namespaces.HidesSome ? "pid namespaces of other processes cannot be read"
            : context.Release.LinksNamespacesWithoutInit
                ? "the pid namespace for children has no init, which on this kernel may be one that has not started yet"
            : null;
        reading = problem is null
            ? reading with
            {
                Used = 1,
                Limit = 0,
                Refuses = true,
            }
            : reading with
            {
                Problem = problem,
            };
        return true;
    }
}
