using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Fuzz;

/// <summary>
/// What bad bytes may lead to: a status that is not Ok, or numbers that do not contradict one another; never an
/// exception. Each target throws when that is broken.
/// </summary>
internal static class FuzzTargets
{
    private const int Pid = 1;

    internal static readonly IReadOnlyDictionary<string, Action<byte[]>> All = new Dictionary<string, Action<byte[]>>(
        StringComparer.Ordinal
    )
    {
        ["maps"] = Maps,
        ["smaps"] = Smaps,
        ["stat"] = Stat,
        ["cgroup"] = Cgroup,
        ["cgroupfiles"] = CgroupFileTargets.Files,
        ["mountinfo"] = CgroupFileTargets.Mountinfo,
        ["status"] = StatusTargets.StatusAndLimits,
        ["kernellog"] = KernelLogTargets.RecordAndLines,
    };

    private static void Maps(byte[] bytes)
    {
        using var file = new ProcessFile("maps", bytes);
        foreach (var candidateBytes in (ulong[])[4096, 1 << 20])
        {
            var survey = new MappingSurvey(candidateBytes, maxChargedBytes: ulong.MaxValue, known: null);
            if (new ProcessFiles(file.Proc).Survey(new ProcessTarget(Pid), ref survey) == ReadStatus.Ok)
            {
                Require(survey.LargestPrivate <= survey.PrivateSum, "the largest is more than all");
                Require(survey.LargestBesideCandidates < candidateBytes, "a candidate was not taken for one");
                Require(survey.Candidates <= survey.Lines, "more candidates than lines");
            }
        }
    }

    private static void Smaps(byte[] bytes)
    {
        foreach (var lastEnd in (ulong[])[0, 1 << 20, ulong.MaxValue])
        {
            var tally = new SmapsTally(4096, ulong.MaxValue, lastEnd, countNoReserve: lastEnd == 1 << 20);
            ReadOnlySpan<byte> rest = bytes;
            while (!tally.IsDone && Kernel.Procfs.Ascii.TryTakeLine(ref rest, out var line) && tally.TryAdd(line)) { }
            Require(lastEnd > 0 || tally.Sum == tally.Largest, "one area is all and yet not the largest");
            Require(tally.Sum > 0 || tally.Largest == 0, "a largest area of nothing");
        }

        using var file = new ProcessFile("smaps", bytes);
        var status = Areas.TryRead(file.Proc, Pid, out var areas);
        Require(status == ReadStatus.Ok == areas.Count > 0, "areas without a status, or a status without areas");
    }

    private static void Stat(byte[] bytes)
    {
        if (ProcessStat.TryParse(bytes, out var stat))
        {
            Require(stat.Command.Length <= bytes.Length - 2, "a name longer than the file");
            Require(bytes.AsSpan().IndexOf(stat.Command) >= 0, "a name that is not in the file");
        }
    }

    private static void Cgroup(byte[] bytes)
    {
        var membership = CgroupMembership.Parse(bytes);
        Require(!membership.IsInPod || membership.Unit is null, "a pod's process with a unit");
        Require(membership.Unit is not "", "a unit without a name");
        Require(membership.IsInPod || membership.Pod is null, "a pod of a process that is in none");
        Require(membership.Pod?.Uid.Length is null or (> 0 and <= 64), "a uid without bounds");
    }

    internal static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new InvalidOperationException(otherwise);
        }
    }

    /// <summary>One file of one process in a /proc of its own, in memory.</summary>
    private sealed class ProcessFile : IDisposable
    {
        private static readonly string Root = Directory
            .CreateDirectory($"/dev/shm/forkguard-fuzz-{Environment.ProcessId}/{Pid}")
            .Parent!.FullName;
        private readonly string _path;

        internal ProcessFile(string name, byte[] bytes)
        {
            _path = $"{Root}/{Pid}/{name}";
            File.WriteAllBytes(_path, bytes);
            Proc = new ProcRoot(Root);
        }

        internal ProcRoot Proc { get; }

        public void Dispose() => File.Delete(_path);
    }
}
