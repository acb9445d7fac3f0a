namespace ForkGuard.ControllerRuntime;

/// <summary>State of a cache, whatever it holds.</summary>
public interface ICacheHealth
{
    /// <summary>As in <c>pods</c> or <c>deployments.apps</c>.</summary>
    string Name { get; }

    /// <summary>A whole list was taken in once.</summary>
    bool IsSynced { get; }

    /// <summary>How long the API server has not been heard of; null while a watch is open.</summary>
    TimeSpan? DisconnectedFor { get; }

    /// <summary>Time since the API server last sent anything: a list, an event or a bookmark. An open stream may be silent.</summary>
    TimeSpan SilentFor { get; }

    /// <summary>Ends when a whole list was taken in.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);
}
