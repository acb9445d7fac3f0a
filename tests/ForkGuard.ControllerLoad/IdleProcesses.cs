using System.Diagnostics;

namespace ForkGuard.ControllerLoad;

/// <summary>Processes that only exist, so that the machine has as many as a node.</summary>
internal sealed class IdleProcesses : IDisposable
{
    private readonly List<Process> _processes = [];

    /// <param name="number">Processes to start; none if it is negative.</param>
    internal IdleProcesses(int number)
    {
        for (int i = 0; i < number; i++)
        {
            _processes.Add(Process.Start("sleep", "infinity"));
        }
    }

    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
