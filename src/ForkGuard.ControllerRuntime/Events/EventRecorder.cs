namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Records events of events.k8s.io/v1. An event's name follows from what it is about, so that the same thing said again, even
/// by a restarted controller, is counted in the event that is there.
/// </summary>
public sealed class EventRecorder
{
    /// <param name="client">The server.</param>
    /// <param name="pipeline">How calls are tried again.</param>
    /// <param name="controller">As in <c>example.com/controller</c>; shown as the event's source.</param>
    /// <param name="instance">This process, such as its pod's name.</param>
    /// <param name="services">Clock, metrics, log.</param>
    public EventRecorder(
        ApiClient client,
        ApiPipeline pipeline,
        string controller,
        string instance,
        RuntimeServices services
    ) { }

    /// <summary>Records that something happened, or that it happened again.</summary>
    /// <param name="regarding">What it happened to; the event goes to its namespace, or to <c>default</c> if it has none.</param>
    /// <param name="related">What else took part; null for nothing.</param>
    /// <param name="type">How it is to be taken.</param>
    /// <param name="reason">A word in CamelCase, at most 128 characters.</param>
    /// <param name="action">What was done about it, a word in CamelCase, at most 128 characters.</param>
    /// <param name="note">For a person; cut at 1 KiB of UTF-8. The server keeps the first one of a series.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="key">Tells apart what reason and action do not, such as the container; another key is another event.</param>
    /// <exception cref="k8s.Autorest.HttpOperationException">The server refused it.</exception>
    public Task RecordAsync(
        ObjectReference regarding,
        ObjectReference? related,
        EventType type,
        string reason,
        string action,
        string note,
        CancellationToken cancellationToken,
        string key = ""
    ) => throw new NotSupportedException();
}
