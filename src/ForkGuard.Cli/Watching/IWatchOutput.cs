namespace ForkGuard.Cli.Watching;

/// <summary>Output of a watch.</summary>
internal interface IWatchOutput
{
    /// <summary>Writes the header, before the first scan.</summary>
    void Begin(in WatchHeader header, WatchPlan plan);

    /// <summary>Writes the result of a scan.</summary>
    void Show(ScanOutcome outcome, WatchSession session);

    /// <summary>Writes the result of reading the manifests again.</summary>
    void Reloaded(ReloadOutcome reload, DateTimeOffset time);

    /// <summary>Keys are read; <see cref="HandleKeys"/> must be called often.</summary>
    bool TakesKeys => false;

    /// <summary>Handles the keys that were pressed since the last call; false for the one that ends the watch.</summary>
    bool HandleKeys() => true;

    /// <summary>Writes the last line.</summary>
    void End(int scans, int events);
}
