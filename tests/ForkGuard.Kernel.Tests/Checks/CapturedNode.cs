using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Tests.Cgroups;

namespace ForkGuard.Kernel.Tests.Checks;

/// <summary>A captured node with the checks on it. Cgroup v2, a quiet node, Linux 6.18 unless a test says otherwise.</summary>
internal sealed class CapturedNode : IDisposable
{
    internal const int Pid = 100;

    private CgroupRoot? _cgroups;
    private ScanContext? _context;

    internal CapturedNode()
    {
        Files.AddUnified("/");
        Files.WriteProc("sys/kernel/osrelease", "6.18.0\n");
        Files.WriteProc("sys/kernel/threads-max", "1000\n");
        Files.WriteProc("sys/kernel/pid_max", "1300\n");
        SetTasks(100);
        AddProcess(Pid, uid: 5000);
    }

    internal CapturedCgroups Files { get; } = new();

    internal void SetTasks(int tasks, int lastPid = 400) =>
        Files.WriteProc(
            "loadavg",
            string.Create(CultureInfo.InvariantCulture, $"0.10 0.20 0.30 1/{tasks} {lastPid}\n")
        );

    internal void AddProcess(
        int pid,
        int uid,
        int threads = 1,
        string limit = "unlimited",
        string pids = "1",
        string cgroup = "/x",
        string state = "S (sleeping)",
        ulong userNamespace = ProcessFacts.InitialUserNamespace,
        ulong pidNamespace = 4026531836
    )
    {
        var folder = pid.ToString(CultureInfo.InvariantCulture);
        Files.WriteProc(
            $"{folder}/stat",
            $"{pid} (captured) {state[0]} 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4711 0 0 0 1 2 3 0 0\n"
        );
        Files.WriteProc(
            $"{folder}/status",
            $"Name:\tcaptured\nState:\t{state}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nThreads:\t{threads}\nNSpid:\t{pids}\nCapEff:\t0000000000000000\nSeccomp:\t0\n"
        );
        Files.WriteProc(
            $"{folder}/limits",
            $"Limit                     Soft Limit           Hard Limit           Units     \nMax processes             {limit, -20} unlimited            processes \n"
        );
        Files.WriteProc($"{folder}/cgroup", $"0::{cgroup}\n");
        Files.WriteProc(
            $"{folder}/smaps",
            "10000000-10001000 rw-p 00000000 00:00 0 \nAnonymous: 4 kB\nVmFlags: rd wr ac \n"
        );
        AddNamespace(folder, "user", userNamespace);
        AddNamespace(folder, "pid", pidNamespace);
        AddNamespace(folder, "pid_for_children", pidNamespace);
    }

    /// <summary>Adds or replaces a thread of the process.</summary>
    internal void AddThread(
        int thread,
        string cgroup = "/x",
        int uid = 5000,
        int seccomp = 0,
        ulong namespaceForChildren = 4026531836,
        string state = "S (sleeping)"
    )
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"{Pid}/task/{thread}");
        Files.WriteProc(
            $"{folder}/status",
            $"State:\t{state}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nThreads:\t2\nCapEff:\t0000000000000000\nSeccomp:\t{seccomp}\n"
        );
        Files.WriteProc($"{folder}/cgroup", $"0::{cgroup}\n");
        AddNamespace(folder, "pid_for_children", namespaceForChildren);
    }

    internal ForkCheckResult Read(int pid = Pid)
    {
        _cgroups ??= Files.Open();
        _context ??= new ScanContext(Files.Proc, _cgroups);
        return ForkChecks.ReadAll(_context, pid, DateTimeOffset.UnixEpoch);
    }

    internal ConstraintReading? Find(ConstraintType type)
    {
        var readings = Read().Readings.Where(r => r.Type == type).ToList();
        return readings.Count == 0 ? null : Assert.Single(readings);
    }

    internal IReadOnlyList<ConstraintReading> Scan(int levelPercent, bool ofNode = false)
    {
        _cgroups ??= Files.Open();
        var context = new ScanContext(Files.Proc, _cgroups);
        context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent);
        var facts = new ProcessFacts { Pid = Pid };
        Assert.Equal(ReadStatus.Ok, new ProcessFactsReader(context).Read(facts));
        var found = new List<ConstraintReading>();
        if (ofNode)
        {
            ForkChecks.ScanNode(context, found);
        }
        else
        {
            ForkChecks.Scan(context, facts, found);
        }

        return found;
    }

    public void Dispose()
    {
        _cgroups?.Dispose();
        Files.Dispose();
    }

    internal void SetNamespaceForChildren(ulong inode, int pid = Pid) =>
        AddNamespace(pid.ToString(CultureInfo.InvariantCulture), "pid_for_children", inode);

    internal void SetOwnPidNamespace(ulong inode) => AddNamespace("self", "pid", inode);

    private void AddNamespace(string folder, string name, ulong inode)
    {
        var link = Path.Combine(Files.Proc.Path, folder, "ns", name);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.Delete(link);
        File.CreateSymbolicLink(link, string.Create(CultureInfo.InvariantCulture, $"{name}:[{inode}]"));
    }
}
