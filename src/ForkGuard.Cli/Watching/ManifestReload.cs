using System.Runtime.InteropServices;
using ForkGuard.Manifests;

namespace ForkGuard.Cli.Watching;

/// <summary>Result of reading the manifests again.</summary>
/// <param name="Plan">In force from now on: the new one, or the one of before if a manifest is invalid.</param>
/// <param name="Errors">One for each error; empty if the new manifests are in force.</param>
internal sealed record ReloadOutcome(WatchPlan Plan, IReadOnlyList<string> Errors);

/// <summary>Reads the manifests again on SIGHUP.</summary>
internal sealed class ManifestReload : IDisposable
{
    private readonly string _path;
    private readonly AutoResetEvent _requested = new(initialState: false);
    private readonly PosixSignalRegistration? _registration;

    /// <summary>On a terminal SIGHUP is its hangup, and ends the program as usual.</summary>
    internal ManifestReload(string path)
    {
        _path = path;
        _registration = Console.IsInputRedirected ? PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal) : null;
    }

    /// <summary>Set by the signal, and reset by the wait that it ends.</summary>
    internal WaitHandle Requested => _requested;

    internal ReloadOutcome Load(WatchPlan inForce)
    {
        var manifests = ManifestFolder.Load(_path);
        return manifests.Errors.Count > 0
            ? new ReloadOutcome(inForce, [.. manifests.Errors.Select(error => error.ToString())])
            : new ReloadOutcome(WatchPlan.From(manifests), []);
    }

    public void Dispose()
    {
        _registration?.Dispose();
        _requested.Dispose();
    }

    private void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        _requested.Set();
    }
}
