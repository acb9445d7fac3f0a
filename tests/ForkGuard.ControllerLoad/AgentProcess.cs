using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.ControllerLoad;

/// <summary>The published agent on this machine, as the agent of one node.</summary>
internal sealed class AgentProcess : IDisposable
{
    private readonly HttpClient _http;

    internal AgentProcess(string kubeconfig, string node)
    {
        int port = LoopbackPort.FindFree();
        string[] arguments =
        [
            "agent",
            "--node-name",
            node,
            "--kubeconfig",
            kubeconfig,
            "--listen",
            $"127.0.0.1:{port}",
        ];
        Measured = new MeasuredProcess(new ProcessStartInfo(ForkGuardBinary.Path, arguments));
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    internal MeasuredProcess Measured { get; }

    /// <summary>The processes of the last scan; null before the first.</summary>
    internal async Task<double?> ProcessesAsync() => await SumAsync("forkguard_processes");

    /// <summary>Reports that it has written since its start.</summary>
    internal async Task<double> WrittenAsync() => await SumAsync("forkguard_reports_written_total") ?? 0;

    /// <summary>Sum of a metric over its labels; null if it has none yet.</summary>
    private async Task<double?> SumAsync(string metric)
    {
        string text = await _http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        List<double> values =
        [
            .. Regex
                .Matches(text, $@"^{metric}(\{{.*\}})? (?<value>\S+)", RegexOptions.Multiline, TimeSpan.FromSeconds(5))
                .Select(match => double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture)),
        ];
        return values.Count == 0 ? null : values.Sum();
    }

    public void Dispose()
    {
        Measured.Dispose();
        _http.Dispose();
    }
}
