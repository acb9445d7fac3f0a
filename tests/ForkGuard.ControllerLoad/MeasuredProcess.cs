using System.Diagnostics;
using System.Globalization;

namespace ForkGuard.ControllerLoad;

/// <summary>A program that runs beside the load, whose lines go to standard error, and what it takes.</summary>
internal sealed class MeasuredProcess : IDisposable
{
    private readonly Process _process;

    internal MeasuredProcess(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        _process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal bool HasExited => _process.HasExited;

    /// <summary>CPU time since its start.</summary>
    internal TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
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
    }
}
