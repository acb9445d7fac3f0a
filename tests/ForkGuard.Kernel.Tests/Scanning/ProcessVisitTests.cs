using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Kernel.Tests.Scanning;

/// <summary>What a caller keeps of a process, and for how long.</summary>
public sealed class ProcessVisitTests : IDisposable
{
    private readonly CapturedProc _captured = new();

    public void Dispose() => _captured.Dispose();

    [Fact]
    public void Facts_stay_with_the_process_and_go_with_it()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, 5, "ac")] });
        _captured.AddProcess(8, new CapturedProcess { Areas = [new(16, 6, "ac")] });
        using var scanner = new ProcessScanner(_captured.Root, maxHeld: 100);
        scanner.List();
        Assert.Equal([(7, 5UL, false), (8, 6UL, false)], Visit(scanner));

        scanner.List();
        Assert.Equal([(7, 5UL, true), (8, 6UL, true)], Visit(scanner));

        _captured.RemoveProcess(8);
        scanner.List();
        _captured.AddProcess(8, new CapturedProcess { Areas = [new(16, 6, "ac")] });
        scanner.List();
        Assert.Equal([(7, 5UL, true), (8, 6UL, false)], Visit(scanner));
    }

    [Fact]
    public void Without_a_held_file_that_shows_a_reused_pid_nothing_stays()
    {
        _captured.AddProcess(7, new CapturedProcess { Areas = [new(16, 5, "ac")] });
        using var scanner = new ProcessScanner(_captured.Root, maxHeld: 0);
        scanner.List();
        Visit(scanner);

        scanner.List();

        Assert.Equal([(7, 5UL, false)], Visit(scanner));
    }

    /// <summary>Kernel threads have the lowest pids, and there may be more of them than descriptors.</summary>
    [Fact]
    public void Kernel_threads_take_no_descriptor()
    {
        for (var pid = 2; pid < 20; pid++)
        {
            _captured.AddProcess(pid, new CapturedProcess());
        }

        _captured.AddProcess(500, new CapturedProcess { Areas = [new(16, 5, "ac")] });
        using var scanner = new ProcessScanner(_captured.Root, maxHeld: 1);
        scanner.List();
        Visit(scanner);

        scanner.List();

        Assert.Equal((500, 5UL, true), Visit(scanner)[^1]);
    }

    private static List<(int Pid, ulong Pages, bool IsKnown)> Visit(ProcessScanner scanner)
    {
        var visitor = new Marking([]);
        scanner.Visit(ref visitor);
        return visitor.Seen;
    }

    private readonly record struct Marking(List<(int Pid, ulong Pages, bool IsKnown)> Seen) : IProcessVisitor
    {
        public void Visit(int pid, in ProcessSize size, ref object? facts)
        {
            Seen.Add((pid, size.Total, facts is not null));
            facts = "known";
        }
    }
}
