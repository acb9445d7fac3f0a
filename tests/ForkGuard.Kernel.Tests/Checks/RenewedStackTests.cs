using System.Globalization;
using ForkGuard.Kernel.Cgroups;
using ForkGuard.Kernel.Checks;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Tests.Checks;

/// <summary>Parent and stack of a process that was first read between its fork and its exec.</summary>
public sealed class RenewedStackTests : IDisposable
{
    private const ulong Parents = 77;
    private const ulong Own = 78;

    // The captured process started at tick 4711.
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(47.11);
    private static readonly ProcessSize Large = new(ProcessFacts.MinSavingBytes / 4096, Resident: 0, Data: 0);

    private readonly CapturedNode _node = new();
    private readonly CgroupRoot _cgroups;
    private readonly ScanContext _context;
    private readonly ProcessFactsReader _reader;
    private readonly ProcessFacts _facts = new() { Pid = CapturedNode.Pid, Size = Large };

    public RenewedStackTests()
    {
        _cgroups = _node.Files.Open();
        _context = new ScanContext(_node.Files.Proc, _cgroups);
        _reader = new ProcessFactsReader(_context);
        SetStack(Parents);
    }

    [Fact]
    public void Is_read_again_once_at_an_age_of_a_second_where_it_was_read_before()
    {
        FirstRead();
        SetStack(Own);

        Assert.Equal((ReadStatus.Ok, Parents), Renew(TimeSpan.FromSeconds(0.99)));
        Assert.Equal((ReadStatus.Ok, Own), Renew(TimeSpan.FromSeconds(5)));

        SetStack(Parents);
        Assert.Equal((ReadStatus.Ok, Own), Renew(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Is_not_read_again_where_the_first_read_came_late()
    {
        FirstRead();
        Assert.Equal((ReadStatus.Ok, Parents), Renew(TimeSpan.FromSeconds(1), second: 0));
        SetStack(Own);
        Assert.Equal((ReadStatus.Ok, Parents), Renew(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Is_read_of_a_small_process_once_it_is_large()
    {
        FirstRead();
        SetStack(Own);
        _facts.Size = default;
        Assert.Equal((ReadStatus.Ok, Parents), Renew(TimeSpan.FromSeconds(5)));
        _facts.Size = Large;
        Assert.Equal((ReadStatus.Ok, Own), Renew(TimeSpan.FromSeconds(10)));
    }

    /// <summary>A runtime limits a process after its start: the second read of the other facts comes after ten seconds.</summary>
    [Fact]
    public void Does_not_delay_the_second_read_of_the_other_facts()
    {
        FirstRead();
        Renew(TimeSpan.FromSeconds(5));
        Assert.True(_facts.IsDue(DateTimeOffset.UnixEpoch.AddSeconds(10)));
    }

    [Fact]
    public void Is_gone_with_the_process()
    {
        FirstRead();
        Directory.Delete(Path.Combine(_node.Files.Proc.Path, Id), recursive: true);
        Assert.Equal(ReadStatus.Gone, Renew(TimeSpan.FromSeconds(5)).Status);
    }

    [Fact]
    public void Is_gone_where_another_process_has_the_pid()
    {
        FirstRead();
        SetStack(Own, startTime: 5000);
        Assert.Equal(ReadStatus.Gone, Renew(TimeSpan.FromSeconds(5)).Status);
    }

    public void Dispose()
    {
        _cgroups.Dispose();
        _node.Dispose();
    }

    private static string Id => CapturedNode.Pid.ToString(CultureInfo.InvariantCulture);

    private void FirstRead()
    {
        _context.BeginScan(DateTimeOffset.UnixEpoch, levelPercent: 70);
        Assert.Equal(ReadStatus.Ok, _reader.Read(_facts));
    }

    private (ReadStatus Status, ulong Stack) Renew(TimeSpan age, int? second = null)
    {
        _context.BeginScan(DateTimeOffset.UnixEpoch.AddSeconds(second ?? age.TotalSeconds), levelPercent: 70);
        return (_reader.RenewStack(_facts, Start + age), _facts.StartStack);
    }

    private void SetStack(ulong stack, ulong startTime = 4711) =>
        _node.Files.WriteProc(
            $"{Id}/stat",
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Id} (captured) S 1 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 {startTime} 0 0 0 1 2 {stack} 0 0\n"
            )
        );
}
