using System.Diagnostics;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.ControllerLoad;

/// <summary>The controller as a process of its own, with the heap that a pod with the chart's memory limit gets.</summary>
internal sealed class ControllerProcess : IDisposable
{
    // Half of 256 MiB, as the controller takes of its container's limit (System.GC.HeapHardLimitPercent).
    private const string HeapLimit = "0x8000000";

    private readonly HttpClient _http;

    internal ControllerProcess(string kubeconfig)
    {
        int port = LoopbackPort.FindFree();
        ProcessStartInfo start = new(
            Path.Combine(AppContext.BaseDirectory, "forkguard-controller"),
            ["--kubeconfig", kubeconfig, "--namespace", "default", "--listen", $"127.0.0.1:{port}"]
        );
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        Measured = new MeasuredProcess(start);
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    internal MeasuredProcess Measured { get; }

    internal async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException) when (!Measured.HasExited)
        {
            return false;
        }
    }

    public void Dispose()
    {
        Measured.Dispose();
        _http.Dispose();
    }
}
