using System.Globalization;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>The executable forkguard-controller with its own times, which is started again whenever it ends, as a kubelet does.</summary>
internal sealed class ControllerProcess : IAsyncDisposable
{
    private const string Leads = "forkguard_leader";

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "forkguard-controller");
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Installation _installation;
    private readonly string _folder = Directory.CreateTempSubdirectory("forkguard-controller-").FullName;
    private readonly int _port = LoopbackPort.FindFree();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(2) };
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private volatile ServerProcess? _process;

    internal ControllerProcess(Installation installation)
    {
        _installation = installation;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Whether the process holds the Lease, by its own metrics.</summary>
    internal async Task<bool> IsLeadingAsync()
    {
        try
        {
            var metrics = await _http.GetStringAsync(
                string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/metrics")
            );
            return metrics
                .Split('\n')
                .Any(line => line.StartsWith(Leads, StringComparison.Ordinal) && line.Split(' ') is [_, "1", ..]);
        }
        catch (Exception failed) when (failed is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    internal void Kill() => _process!.Kill();

    internal void Freeze() => _process!.Freeze();

    internal void Thaw() => _process!.Thaw();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var process = _process = await ServerProcess.StartAsync(
                Program,
                [
                    "--kubeconfig",
                    _installation.Kubeconfig,
                    "--namespace",
                    _installation.Namespace,
                    "--listen",
                    string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}"),
                    "--max-restarts-in-cluster",
                    "20",
                ],
                _folder
            );
            try
            {
                while (!process.HasExited)
                {
                    await Task.Delay(Pause, _stop.Token);
                }

                await process.DisposeAsync();
            }
            catch (InvalidOperationException)
            {
                // It was killed, or lost its Lease.
            }
            catch (OperationCanceledException)
            {
                await process.DisposeAsync();
            }
        }
    }
}
