using System.Diagnostics;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>A victim that runs on the node and in no pod, such as a daemon of the host.</summary>
internal sealed class HostVictim : IAsyncDisposable
{
    private readonly Process _process;

    private HostVictim(Process process) => _process = process;

    /// <summary>Starts it, and returns once it has its layout.</summary>
    public static async Task<HostVictim> StartAsync(string command, long pages, CancellationToken cancellationToken)
    {
        ProcessStartInfo info = new(
            Shell.Script("node"),
            ["inside", await VictimBuild.GetAsync(), "--name", command, "merged", $"{pages}"]
        )
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        HostVictim victim = new(Process.Start(info)!);
        Assert.StartsWith("ready ", await victim.ReadLineAsync(cancellationToken), StringComparison.Ordinal);
        return victim;
    }

    /// <summary>Lets it really fork, and returns what it says, such as <c>fork 12 ENOMEM</c>.</summary>
    public async Task<string?> ForkAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync("fork".AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
        return await ReadLineAsync(cancellationToken);
    }

    /// <summary>It ends with its input.</summary>
    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken) =>
        await _process.StandardOutput.ReadLineAsync(cancellationToken);
}
