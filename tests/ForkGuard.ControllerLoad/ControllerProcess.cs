using System.Diagnostics;
using System.Globalization;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.ControllerLoad;

/// <summary>The controller as a process of its own, with the heap that a pod with the chart's memory limit gets.</summary>
internal sealed class ControllerProcess : IDisposable
{
    // Half of 256 MiB, as the controller takes of its container's limit (System.GC.HeapHardLimitPercent).
    private const string HeapLimit = "0x8000000";

    private readonly Process _process;
    private readonly HttpClient _http;

    internal ControllerProcess(string kubeconfig)
    {
        int port = LoopbackPort.FindFree();
        ProcessStartInfo start = new(
            Path.Combine(AppContext.BaseDirectory, "forkguard-controller"),
            ["--kubeconfig", kubeconfig, "--namespace", "default", "--listen", $"127.0.0.1:{port}"]
        )
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        _process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>CPU time since its start.</summary>
    internal TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    internal async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _http.GetAsync(new Uri("/readyz", UriKind.Relative), cancellationToken)).IsSuccessStatusCode;
        }
        catch (HttpRequestException) when (!_process.HasExited)
        {
            return false;
        }
    }

    /// <summary>A line of proc_pid_status(5) such as VmHWM, in MiB.</summary>
    internal double Mebibytes(string name) =>
        double.Parse(
            File.ReadLines($"/proc/{_process.Id}/status")
                .First(line => line.StartsWith(name + ":", StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]
                .Split('\t')[^1],
            CultureInfo.InvariantCulture
        ) / 1024;

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _http.Dispose();
    }
}
