using ForkGuard.Api;
using ForkGuard.Api.Validation;
using ForkGuard.Cli.Output;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Policy.Matching;
using ForkGuard.Telemetry;

namespace ForkGuard.Cli.Commands;

/// <summary>Finds the processes that a command line names.</summary>
internal static class TargetFinder
{
    private const int MaxListed = 20;

    /// <summary>
    /// Returns the pids in the order of the targets. Null, with the reason and the choice on standard error and the exit
    /// code in <paramref name="exit"/>, if a name belongs to no process or to several.
    /// </summary>
    internal static IReadOnlyList<int>? Find(IReadOnlyList<CommandTarget> targets, ProcRoot proc, out int exit)
    {
        exit = ExitCode.Fine;
        var all = targets.Any(target => target.Pid == 0) ? OthersOf(proc) : [];
        var pids = new List<int>(targets.Count);
        foreach (var target in targets)
        {
            if (target.Pid > 0)
            {
                pids.Add(target.Pid);
                continue;
            }

            List<NamedProcess> named = [.. all.Where(process => CommandName.IsSame(target.Name, process.Command))];
            if (named is [var only])
            {
                pids.Add(only.Pid);
                continue;
            }

            exit = Math.Max(exit, named.Count == 0 ? ExitCode.Unknown : ExitCode.Usage);
            Explain(target.Name, named, all, proc);
        }

        return exit == ExitCode.Fine ? pids : null;
    }

    /// <summary>
    /// Returns all processes of a pod. Null, with the reason on standard error and the exit code in <paramref name="exit"/>, if it
    /// has none here.
    /// </summary>
    internal static IReadOnlyList<int>? FindPod(string uid, ProcRoot proc, out int exit)
    {
        List<int> pids =
        [
            .. ProcessNames
                .Read(proc)
                .Select(process => process.Pid)
                .Where(pid => CgroupMembership.Read(proc, pid).Pod?.Uid == uid),
        ];
        exit = pids.Count > 0 ? ExitCode.Fine : ExitCode.Unknown;
        if (pids.Count == 0)
        {
            StandardError.WriteLine(
                $"no process of this machine belongs to a pod with the uid {PrintableText.Quote(uid)}"
            );
            return null;
        }

        return pids;
    }

    /// <summary>All processes but this one, which has ended before anyone asks about it.</summary>
    private static IReadOnlyList<NamedProcess> OthersOf(ProcRoot proc) =>
        [.. ProcessNames.Read(proc).Where(process => process.Pid != proc.OwnPid)];

    private static void Explain(string name, List<NamedProcess> named, IReadOnlyList<NamedProcess> all, ProcRoot proc)
    {
        var quoted = PrintableText.Quote(name);
        if (named.Count == 0)
        {
            var near = NearestName.Of(name, all.Select(process => process.Command).Distinct(StringComparer.Ordinal));
            var meant = near is null ? "" : $"; did you mean {PrintableText.Quote(near)}?";
            var hidden = HiddenText.OfMissing(proc.HidesProcesses);
            StandardError.WriteLine($"no process is named {quoted}{hidden}{meant}");
            return;
        }

        StandardError.WriteLine($"{named.Count} processes are named {quoted}; give the pid of one:");
        foreach (var process in named.Take(MaxListed))
        {
            StandardError.WriteLine($"  {process.Pid, 7}  {OwnerOf(proc, process.Pid)}child of {process.Parent}");
        }

        if (named.Count > MaxListed)
        {
            StandardError.WriteLine($"  and {named.Count - MaxListed} more");
        }
    }

    private static string OwnerOf(ProcRoot proc, int pid) =>
        CgroupMembership.Read(proc, pid) switch
        {
            { Pod: { } pod } => $"pod {PrintableText.Escape(pod.Uid)}, ",
            { Unit: { } unit } => $"{PrintableText.Escape(unit)}, ",
            _ => "",
        };
}
