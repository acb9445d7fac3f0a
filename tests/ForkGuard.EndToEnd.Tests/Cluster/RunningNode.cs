using System.Diagnostics;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>A Kubernetes of one node, which ends with this process: it reads a pipe whose other end is here.</summary>
internal sealed class RunningNode : IAsyncDisposable
{
    // Whoever comes first builds Kubernetes.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(25);

    private readonly Process _process;

    private RunningNode(Process process) => _process = process;

    /// <summary>Starts it with these images in store, and returns once pods can run.</summary>
    /// <exception cref="InvalidOperationException">It ended instead; its servers' logs are in artifacts/node/log.</exception>
    public static async Task<RunningNode> StartAsync(IEnumerable<string> images)
    {
        ProcessStartInfo info = new(Shell.Script("node"), ["run", "--until-eof", .. images])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        RunningNode node = new(Process.Start(info)!);
        try
        {
            await node.BecomeReadyAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task BecomeReadyAsync()
    {
        using CancellationTokenSource limit = new(Limit);
        while (await _process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (string.Equals(line, "ready", StringComparison.Ordinal))
            {
                return;
            }
        }

        string logs = Path.Combine(RepositoryPaths.Artifacts, "node", "log");
        throw new InvalidOperationException($"The node ended before it was ready; see above, and {logs}.");
    }
}
