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

    /// <summary>Keys are read; <see cref="IsAskedToEnd"/> must be asked often.</summary>
    bool TakesKeys => false;

    /// <summary>A key that ends the watch was pressed since the last call.</summary>
    bool IsAskedToEnd() => false;

    /// <summary>Writes the last line.</summary>
    void End(int scans, int events);
}
