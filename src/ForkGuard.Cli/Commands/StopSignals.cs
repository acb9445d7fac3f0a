using System.Runtime.InteropServices;

namespace ForkGuard.Cli.Commands;

/// <summary>
/// Stops a command on SIGINT and SIGTERM, from its first line on. The handler of System.CommandLine ends a command with 130 or 143
/// while it has not waited for anything yet, as during its start.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    // A read of a large smaps that has begun takes its time, and then the command ends by itself.
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEvent _hasEnded = new(initialState: false);
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    internal StopSignals()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, exitCode: 130));
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, exitCode: 143));
    }

    internal CancellationToken Token => _stop.Token;

    public void Dispose()
    {
        _hasEnded.Set();
        _interrupt.Dispose();
        _terminate.Dispose();
        _stop.Dispose();
    }

    // Each signal has a thread of its own.
    private void Stop(PosixSignalContext context, int exitCode)
    {
        context.Cancel = true;
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        if (!_hasEnded.WaitOne(MaxTime))
        {
            Environment.Exit(exitCode);
        }
    }
}
