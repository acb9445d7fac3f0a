using System.Text.RegularExpressions;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Telemetry.Tests.Scenes;

/// <summary>A program that was started for the tests, and its address.</summary>
internal sealed partial class Started : ITarget, IAsyncDisposable
{
    private readonly IAsyncDisposable _program;

    private Started(string address, IAsyncDisposable program)
    {
        Address = address;
        _program = program;
    }

    public string Address { get; }

    internal static Started Controller(string kubeconfig, string ns)
    {
        var address = $"127.0.0.1:{LoopbackPort.FindFree()}";
        var process = ForkGuardProcess.Start(
            ["--kubeconfig", kubeconfig, "--namespace", ns, "--listen", address],
            program: Path.Combine(AppContext.BaseDirectory, "forkguard-controller")
        );
        return new Started(address, process);
    }

    internal static Task<Started> AgentAsync(IEnumerable<string> arguments) =>
        ListeningAsync(arguments, line => line.Contains("listens on", StringComparison.Ordinal));

    internal static Task<Started> WatchAsync(IEnumerable<string> arguments) =>
        ListeningAsync(arguments, line => line.StartsWith("listening on ", StringComparison.Ordinal));

    public ValueTask DisposeAsync() => _program.DisposeAsync();

    private static async Task<Started> ListeningAsync(IEnumerable<string> arguments, Func<string, bool> isAddress)
    {
        var process = ForkGuardProcess.Start([.. arguments, "--listen", "127.0.0.1:0"]);
        var line = await process.WaitForLineAsync(isAddress);
        return new Started(Endpoint().Match(line).Groups["endpoint"].Value, process);
    }

    [GeneratedRegex(@"(listens|listening) on (?<endpoint>[\d.]+:\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Endpoint();
}
