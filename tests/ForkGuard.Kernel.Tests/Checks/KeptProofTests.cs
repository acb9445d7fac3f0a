using System.Globalization;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Checks;

/// <summary>
/// What a scanner keeps over scans hides nothing that one without a past finds, while usage changes only by forks and by memory
/// that processes map.
/// </summary>
public sealed class KeptProofTests : IDisposable
{
    private const int Scans = 12;
    private const ulong MiB = 1024 * 1024;
    private const ulong Page = 4096;

    private static readonly int[] Levels = [1, 2, 5, 10, 20, 45, 70];
    private static readonly int[] Intervals = [1, 15, 40];
    private static readonly string[] Containers = ["pod/a", "pod/b", "x"];

    private readonly CapturedNode _node = new();
    private readonly Dictionary<string, ulong> _tasks = [];
    private readonly Dictionary<string, ulong> _memory = [];
    private readonly List<(int Pid, string Container)> _processes = [];
    private readonly Dictionary<int, ProcessFacts> _facts = [];
    private readonly Dictionary<int, (ulong Resident, ulong Tables)> _sizes = [];
    private DateTimeOffset _now = DateTimeOffset.UnixEpoch;
    private int _lastPid = 400;
    private int _nodeTasks = 200;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_scan_finds_what_a_first_scan_finds(int seed)
    {
        var random = new Random(seed);
        var level = Pick(random, Levels);
        var interval = Pick(random, Intervals);
        Build(random);
        using var cgroups = _node.Files.Open();
        var context = new ScanContext(_node.Files.Proc, cgroups);
        for (var scan = 0; scan < Scans; scan++)
        {
            _now += TimeSpan.FromSeconds(interval);
            using var fresh = _node.Files.Open();
            var expected = Scan(new ScanContext(_node.Files.Proc, fresh), level, []);
            Assert.Equal(expected, Scan(context, level, _facts));
            if (random.Next(2) == 0)
            {
                Change(random);
            }
        }
    }

    public void Dispose() => _node.Dispose();

    private void Build(Random random)
    {
        _node.Files.WriteProc("sys/kernel/pid_max", "40000\n");
        _node.SetTasks(_nodeTasks, _lastPid);
        foreach (var cgroup in (string[])["pod", .. Containers])
        {
            _node.Files.Write($"{cgroup}/memory.stat", "anon 0\ninactive_file 0\nactive_file 0\n");
            Write(cgroup, "pids.max", Pick(random, 20UL, 50UL, 100UL, 1000UL));
            Write(cgroup, "memory.max", Pick(random, 64UL, 256UL, 4096UL) * MiB);
            (_tasks[cgroup], _memory[cgroup]) = (0, 0);
        }

        for (var pid = 101; pid <= 105; pid++)
        {
            var container = Pick(random, Containers);
            _node.AddProcess(pid, uid: 5000, cgroup: $"/{container}");
            _processes.Add((pid, container));
            _sizes[pid] = (0, 0);
            AddTasks(container, (ulong)random.Next(1, 6));
            AddMemory(pid, container, (ulong)random.Next(1, 6000));
        }
    }

    private void Change(Random random)
    {
        var (pid, container) = _processes[random.Next(_processes.Count)];
        if (random.Next(2) == 0)
        {
            var tasks = (ulong)random.Next(1, 8);
            AddTasks(container, tasks);
            _nodeTasks += (int)tasks;
            _lastPid += (int)tasks;
            _node.SetTasks(_nodeTasks, _lastPid);
        }
        else
        {
            AddMemory(pid, container, (ulong)random.Next(1, 4000));
        }
    }

    private void AddTasks(string container, ulong tasks)
    {
        foreach (var cgroup in CgroupsOf(container))
        {
            Write(cgroup, "pids.current", _tasks[cgroup] += tasks);
        }
    }

    private void AddMemory(int pid, string container, ulong pages)
    {
        var (resident, tables) = _sizes[pid];
        (resident, tables) = (resident + pages, tables + (pages / 8));
        _sizes[pid] = (resident, tables);
        var status = Path.Combine(_node.Files.Proc.Path, $"{pid}/status");
        var other = File.ReadLines(status).Where(line => !line.StartsWith("VmPTE", StringComparison.Ordinal)).ToList();
        var anonymous = other.Any(line => line.StartsWith("RssAnon", StringComparison.Ordinal))
            ? []
            : (string[])["RssAnon:\t1000 kB"];
        File.WriteAllLines(status, [.. other, .. anonymous, $"VmPTE:\t{tables * Page / 1024} kB"]);
        foreach (var cgroup in CgroupsOf(container))
        {
            Write(cgroup, "memory.current", _memory[cgroup] += pages * Page);
        }
    }

    private List<string> Scan(ScanContext context, int level, Dictionary<int, ProcessFacts> known)
    {
        List<string> all = [];
        List<ConstraintReading> found = [];
        context.BeginScan(_now, level);
        var reader = new ProcessFactsReader(context);
        foreach (var (pid, _) in _processes)
        {
            var facts = known.TryGetValue(pid, out var kept) ? kept : known[pid] = new ProcessFacts { Pid = pid };
            facts.Size = new ProcessSize(Total: 1_000_000, Resident: _sizes[pid].Resident, Data: 0);
            found.Clear();
            Assert.Equal(ReadStatus.Ok, ForkChecks.Scan(context, reader, facts, found));
            all.AddRange(found.Select(reading => $"{pid}: {Describe(reading)}"));
        }

        return all;
    }

    private static string Describe(in ConstraintReading reading) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{reading.Type} {reading.ScopeName} {reading.Used}/{reading.Limit} refuses {reading.Refuses}"
        );

    private static string[] CgroupsOf(string container) =>
        container.StartsWith("pod/", StringComparison.Ordinal) ? [container, "pod"] : [container];

    private void Write(string cgroup, string file, ulong value) =>
        _node.Files.Write($"{cgroup}/{file}", value.ToString(CultureInfo.InvariantCulture) + "\n");

    private static T Pick<T>(Random random, params ReadOnlySpan<T> values) => values[random.Next(values.Length)];
}
