using System.Diagnostics;
using System.Globalization;

namespace ForkGuard.Testing;

/// <summary>A process that has ended and that its parent does not collect.</summary>
public sealed class Zombie : IAsyncDisposable
{
    private readonly Process _parent;

    private Zombie(Process parent, int pid)
    {
        _parent = parent;
        Pid = pid;
    }

    public int Pid { get; }

    /// <summary>Starts it and waits until it is a zombie.</summary>
    public static async Task<Zombie> StartAsync(CancellationToken cancellationToken = default)
    {
        // The shell would collect its child; what it becomes does not, and ends with this process's end of the pipe.
        ProcessStartInfo info = new("/bin/sh", ["-c", "sleep 60 & echo $!; exec cat"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        Process parent = Process.Start(info)!;
        string? pid = await parent.StandardOutput.ReadLineAsync(cancellationToken);
        Zombie zombie = new(parent, int.Parse(pid!, CultureInfo.InvariantCulture));
        await Condition.HoldsAsync(
            () =>
                Stat(parent.Id).Contains("(cat)", StringComparison.Ordinal)
                && Stat(zombie.Pid).Contains("(sleep)", StringComparison.Ordinal),
            "the shell became cat and its child sleep",
            cancellationToken
        );
        using (Process child = Process.GetProcessById(zombie.Pid))
        {
            child.Kill();
        }

        await Condition.HoldsAsync(
            () => Stat(zombie.Pid).Contains(") Z ", StringComparison.Ordinal),
            $"process {pid} is a zombie",
            cancellationToken
        );
        return zombie;
    }

    /// <summary>Ends the parent, so that init collects it.</summary>
    public async ValueTask DisposeAsync()
    {
        _parent.Kill();
        await _parent.WaitForExitAsync();
        _parent.Dispose();
    }

    private static string Stat(int pid) =>
        File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
}
