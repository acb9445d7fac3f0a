using System.Net;
using System.Text.Json.Nodes;
using k8s.Autorest;

namespace ForkGuard.ControllerRuntime;

/// <summary>
/// Records events. The name of an event is a hash of its subject, so that a repetition, even by a restarted controller, is
/// counted in the existing event.
/// </summary>
/// <param name="client">The server; its account may create, get and patch events.</param>
/// <param name="pipeline">How calls are tried again.</param>
/// <param name="controller">As in <c>example.com/controller</c>; shown as the event's source.</param>
/// <param name="instance">This process, such as its pod's name; at most 128 characters.</param>
/// <param name="services">Clock and metrics.</param>
public sealed class EventRecorder(
    ApiClient client,
    ApiPipeline pipeline,
    string controller,
    string instance,
    RuntimeServices services
)
{
    private const string DefaultNamespace = "default";
    private const string SystemNamespace = "kube-system";
    private const int Attempts = 5;

    // Kubernetes 1.20 refuses in the default namespace what later ones expect there.
    private volatile string _unscopedNamespace = DefaultNamespace;

    /// <summary>Records that something happened, or that it happened again.</summary>
    /// <param name="regarding">The object that the event is about; the event goes to its namespace, or to <c>default</c> if it has none.</param>
    /// <param name="related">Another object that took part; null for none.</param>
    /// <param name="type">How it is to be taken.</param>
    /// <param name="reason">A word in CamelCase, at most 128 characters.</param>
    /// <param name="action">The action that was taken, a word in CamelCase, at most 128 characters.</param>
    /// <param name="note">
    /// For a person; cut at 1 KiB of UTF-8. The server keeps the first one for as long as the event is repeated: what must be
    /// read again needs another key.
    /// </param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="key">Distinguishes events with equal reason and action, such as by container; another key is another event.</param>
    /// <exception cref="HttpOperationException">The server refused it.</exception>
    public async Task RecordAsync(
        ObjectReference regarding,
        ObjectReference? related,
        EventType type,
        string reason,
        string action,
        string note,
        CancellationToken cancellationToken,
        string key = ""
    )
    {
        DateTimeOffset now = services.Time.GetUtcNow();
        JsonObject created = new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["eventTime"] = MicroTime.Text(now),
            ["firstTimestamp"] = MicroTime.Seconds(now),
            ["lastTimestamp"] = MicroTime.Seconds(now),
            ["count"] = 1,
            ["type"] = type.ToString(),
            ["reason"] = reason,
            ["action"] = action,
            ["message"] = EventDocument.Note(note),
            ["involvedObject"] = EventDocument.Reference(regarding),
            ["related"] = related is null ? null : EventDocument.Reference(related),
            ["source"] = new JsonObject { ["component"] = controller },
            ["reportingComponent"] = controller,
            ["reportingInstance"] = instance,
        };
        string name = EventName.Of(regarding.Name, regarding.Uid, related?.Uid ?? "", controller, reason, action, key);
        bool isUnscoped = regarding.Namespace.Length == 0;
        string ns = isUnscoped ? _unscopedNamespace : regarding.Namespace;
        string result;
        try
        {
            result = await RecordAsync(created, ns, name, cancellationToken);
        }
        catch (HttpOperationException refused)
            when (isUnscoped && ns != SystemNamespace && refused.Is(HttpStatusCode.UnprocessableEntity))
        {
            result = await RecordAsync(created, SystemNamespace, name, cancellationToken);
            _unscopedNamespace = SystemNamespace;
        }

        services.Metrics.EventRecorded(type, result);
    }

    private Task<string> RecordAsync(JsonObject created, string ns, string name, CancellationToken cancellationToken)
    {
        created["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns };
        return pipeline.ExecuteAsync(
            token => CreateOrCountAsync($"api/v1/namespaces/{ns}/events", name, created, token),
            cancellationToken
        );
    }

    private async Task<string> CreateOrCountAsync(
        string collection,
        string name,
        JsonObject created,
        CancellationToken cancellationToken
    )
    {
        string now = created["eventTime"]!.GetValue<string>();
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await client.CallAsync(HttpMethod.Post, collection, created, cancellationToken);
                return RuntimeMetrics.EventCreated;
            }
            catch (HttpOperationException refused) when (refused.Is(HttpStatusCode.Conflict))
            {
                // It is there already.
            }

            string path = $"{collection}/{name}";
            try
            {
                JsonObject existing = await client.CallAsync(HttpMethod.Get, path, body: null, cancellationToken);
                if (!EventDocument.Has(existing, now))
                {
                    await client.CallAsync(
                        HttpMethod.Patch,
                        path,
                        EventDocument.Repetition(existing, created),
                        cancellationToken,
                        JsonCalls.MergePatch
                    );
                }

                return RuntimeMetrics.EventCounted;
            }
            catch (HttpOperationException refused)
                when (attempt < Attempts && (refused.Is(HttpStatusCode.Conflict) || refused.Is(HttpStatusCode.NotFound))
                )
            {
                // Counted by another process, or run out, in between.
            }
        }
    }
}
