using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages.Advice;

internal sealed class UserProcessesAdvice : IConstraintAdvice
{
    public ConstraintType Type => ConstraintType.UserProcesses;

    public string Clause(AdviceCase advised) =>
        $"raise RLIMIT_NPROC ({Setting(advised)}), or give each program a uid of its own";

    public IEnumerable<string> Sentences(AdviceCase advised)
    {
        yield return "RLIMIT_NPROC counts the threads and processes of the uid on the whole machine: containers of the same uid share "
            + "them, unless they have user namespaces. Give each program a uid of its own.";
        yield return $"Raise the limit ({Setting(advised)}), or run fewer threads and processes as this uid.";
        yield return "Above the limit su, sudo -u and every setuid followed by exec fail as well, with EAGAIN.";
    }

    private static string Setting(AdviceCase advised) =>
        advised.Process?.SystemdUnit is not null ? "LimitNPROC= of the unit"
        : advised.IsPod ? "the container runtime's ulimit nproc"
        : advised.Process?.Container is not null ? "--ulimit nproc of the container"
        : "ulimit -u";
}
