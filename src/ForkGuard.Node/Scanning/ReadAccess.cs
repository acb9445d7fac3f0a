using System.Globalization;
using ForkGuard.Api;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Node.Scanning;

/// <summary>The part of the node that the agent cannot read: a reason in one word, and a sentence with the cure.</summary>
internal sealed record Degradation(string Reason, string Message);

/// <summary>Reports whether the mappings of other processes may be read, and what is likely to keep the agent from it.</summary>
/// <param name="proc">The tree that is scanned.</param>
/// <param name="self">Capabilities and profile of this process, from the kernel.</param>
internal sealed class ReadAccess(ProcRoot proc, OwnConfinement self)
{
    private const int Init = 1;
    private readonly bool _isOwnProc = proc.Path.TrimEnd('/') == "/proc";

    /// <summary>
    /// Null if all is well. Without the capability or below a profile, it is reported before a process comes to matter.
    /// </summary>
    internal Degradation? Evaluate(NodeScan scan)
    {
        if (_isOwnProc && self.Pid == Init)
        {
            return new Degradation(
                "NoHostPid",
                "only the processes of the agent's own pod are seen: the pod needs hostPID: true"
            );
        }

        if (scan.Denied > 0 || (_isOwnProc && !self.MayTrace) || (IsConfined && IsInitDenied))
        {
            return OfDenial(scan.Denied);
        }

        return scan.Unsupported > 0
            ? new Degradation(
                "NoVmFlags",
                "smaps with VmFlags is missing: the kernel was built without CONFIG_PROC_PAGE_MONITOR"
            )
            : null;
    }

    private bool IsConfined => self.SecurityContext is { } c && !c.Contains("unconfined", StringComparison.Ordinal);

    // By itself it proves nothing: a machine in a container may have a pid 1 that nobody inside may look at.
    private bool IsInitDenied => SmapsAccess.Probe(proc, Init) == ReadStatus.Denied;

    private Degradation OfDenial(int processes)
    {
        var what = string.Create(
            CultureInfo.InvariantCulture,
            $"smaps of other processes may not be read, and {processes} that matter are known by an upper bound only"
        );
        if (!self.MayTrace)
        {
            var root = self.IsRoot ? "" : " and uid 0";
            return new Degradation("Capability", $"{what}: this process lacks CAP_SYS_PTRACE{root}");
        }

        if (IsConfined)
        {
            var context = self.SecurityContext!;
            var shown = PrintableText.Quote(context);
            // A context of SELinux has user, role and type; AppArmor has the name of a profile and its mode.
            var type = context.Split(':') is { Length: >= 3 } parts ? parts[2] : null;
            if (type is null)
            {
                return new Degradation("AppArmor", $"{what}: the profile is {shown}, and must be Unconfined");
            }

            if (type != "spc_t")
            {
                return new Degradation("SELinux", $"{what}: the context is {shown}, and its type must be spc_t");
            }
        }

        return new Degradation(
            "Denied",
            $"{what}: this process has CAP_SYS_PTRACE, and no profile of AppArmor or SELinux is known to be in the way"
        );
    }
}
