using System.Globalization;
using ForkGuard.Api.Constraints;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Memory;

namespace ForkGuard.Kernel.Tests.Checks;

/// <summary>A process in a cgroup of v2 with a limit of 512 MiB, on a machine with one CPU.</summary>
public sealed class ContainerMemoryCheckTests : IDisposable
{
    private const ulong KiB = 1024;
    private const ulong MiB = 1024 * KiB;

    private static readonly ulong Batch = 64 * (ulong)Environment.SystemPageSize;

    private readonly CapturedNode _node = new();

    public ContainerMemoryCheckTests()
    {
        _node.Files.WriteProc("stat", "cpu  1 2\ncpu0 1\nintr 0\n");
        _node.Files.WriteProc("sys/vm/max_map_count", "65530\n");
        SetMemory(current: 512 * MiB);
        SetTables(8 * MiB);
    }

    [Theory]
    [InlineData("quiet\n", true)]
    [InlineData("quiet cgroup.memory=nosocket\n", true)]
    [InlineData("root=/dev/vda cgroup.memory=nokmem\n", false)]
    [InlineData("cgroup.memory=nosocket,nokmem quiet\n", false)]
    public void No_fork_is_refused_where_kernel_memory_is_not_charged(string commandLine, bool refuses)
    {
        _node.Files.WriteProc("cmdline", commandLine);

        var reading = Read();

        Assert.Equal((refuses, !refuses), (reading.Refuses, reading.IsBound));
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(60, 0, false)]
    [InlineData(0, 60, false)]
    public void Page_cache_that_has_to_be_written_may_make_room(int dirty, int writeback, bool refuses)
    {
        SetMemory(512 * MiB, cache: 60 * MiB, dirty: (ulong)dirty * MiB, writeback: (ulong)writeback * MiB);
        SetTables(refuses ? 62 * MiB : 3 * MiB);

        Assert.Equal(refuses, Read().Refuses);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Memory_stat_may_lag_by_a_charge_batch_besides_the_one_in_advance(ulong batches, bool refuses)
    {
        SetTables((batches * Batch) + (64 * KiB));

        Assert.Equal(refuses, Read().Refuses);
    }

    [Theory]
    [InlineData("65530\n", Confidence.Exact)]
    [InlineData("1048576\n", Confidence.Estimate)]
    public void A_scan_allows_for_as_many_mappings_as_a_process_may_have(string max, Confidence confidence)
    {
        _node.Files.WriteProc("sys/vm/max_map_count", max);
        SetMemory(current: 312 * MiB);

        var reading = Assert.Single(
            _node.Scan(levelPercent: 1),
            reading => reading.Type == ConstraintType.ContainerMemory
        );

        Assert.Equal((false, confidence), (reading.Refuses, reading.Confidence));
    }

    [Theory]
    [InlineData("6.1.0", 3, 3 * 64)]
    [InlineData("6.2.0", 3, 32)]
    [InlineData("6.16.9", 3, 32)]
    [InlineData("6.17.0", 3, 0)]
    public void Resident_pages_of_a_process_are_counted_late_before_6_17(string release, int threads, int pages)
    {
        _node.Files.WriteProc("sys/kernel/osrelease", release + "\n");
        using var cgroups = _node.Files.Open();

        var error = new ScanContext(_node.Files.Proc, cgroups).CounterError(
            new ProcessMemory { Threads = (ulong)threads }
        );

        Assert.Equal(2 * (ulong)pages * (ulong)Environment.SystemPageSize, error);
    }

    public void Dispose() => _node.Dispose();

    private ConstraintReading Read() => _node.Find(ConstraintType.ContainerMemory)!.Value;

    private void SetTables(ulong bytes)
    {
        var status = Path.Combine(_node.Files.Proc.Path, $"{CapturedNode.Pid}/status");
        var other = File.ReadLines(status).Where(line => !line.StartsWith("VmPTE", StringComparison.Ordinal)).ToList();
        var anonymous = other.Any(line => line.StartsWith("RssAnon", StringComparison.Ordinal))
            ? []
            : (string[])["RssAnon:\t1000 kB"];
        File.WriteAllLines(status, [.. other, .. anonymous, $"VmPTE:\t{bytes / KiB} kB"]);
    }

    private void SetMemory(ulong current, ulong cache = 0, ulong dirty = 0, ulong writeback = 0)
    {
        _node.Files.Write("x/memory.max", Text($"{512 * MiB}\n"));
        _node.Files.Write("x/memory.current", Text($"{current}\n"));
        _node.Files.Write(
            "x/memory.stat",
            Text(
                $"anon 0\nfile_dirty {dirty}\nfile_writeback {writeback}\ninactive_file {cache}\nactive_file 0\nslab_reclaimable 0\n"
            )
        );
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
