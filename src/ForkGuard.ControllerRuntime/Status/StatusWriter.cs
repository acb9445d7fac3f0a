using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using k8s.Autorest;

namespace ForkGuard.ControllerRuntime;

/// <summary>Writes an object's status: only what changed, and only if the object is still the one that was read.</summary>
/// <typeparam name="T">The object.</typeparam>
/// <typeparam name="TStatus">Its status.</typeparam>
/// <param name="client">The server; its account may patch the status subresource.</param>
/// <param name="pipeline">How calls are tried again.</param>
/// <param name="kind">The object's kind, which has the status subresource.</param>
/// <param name="statusOf">Reads the status of an object; null if it has none yet.</param>
/// <param name="json">How a status is written; members that are null must be left out.</param>
public sealed class StatusWriter<T, TStatus>(
    ApiClient client,
    ApiPipeline pipeline,
    ResourceKind<T> kind,
    Func<T, TStatus?> statusOf,
    JsonTypeInfo<TStatus> json
)
    where T : class
    where TStatus : class
{
    /// <summary>
    /// Makes the status what it should be, by a merge patch of the differences that the server takes only if the resource version
    /// is still the same, which no other object of that name ever had. Fields that <typeparamref name="TStatus"/> does not know are left alone.
    /// </summary>
    /// <param name="current">The object as it was read, from a cache or live.</param>
    /// <param name="status">The status that it should have.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>
    /// <see cref="StatusOutcome.Conflict"/> also if it was written and the answer was lost: the object must be read again.
    /// </returns>
    /// <exception cref="ArgumentException">The object has no resource version, and anything would be written over.</exception>
    /// <exception cref="HttpOperationException">The server refused it for another reason.</exception>
    public async Task<StatusWrite<T>> WriteAsync(T current, TStatus status, CancellationToken cancellationToken)
    {
        JsonObject patch = MergePatch.Between(AsJson(statusOf(current)), AsJson(status));
        if (patch.Count == 0)
        {
            return new(StatusOutcome.Unchanged, current);
        }

        ResourceIdentity identity = kind.Identify(current);
        if (identity.ResourceVersion.Length == 0)
        {
            throw new ArgumentException(
                "It has no resourceVersion: give an object as the server has it.",
                nameof(current)
            );
        }

        JsonObject body = new()
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = identity.ResourceVersion },
            ["status"] = patch,
        };
        try
        {
            JsonObject written = await pipeline.ExecuteAsync(
                token =>
                    client.CallAsync(
                        HttpMethod.Patch,
                        $"{kind.ObjectPath(identity.Key)}/status",
                        body,
                        token,
                        JsonCalls.MergePatch
                    ),
                cancellationToken
            );
            return new(StatusOutcome.Written, written.Deserialize(kind.Json));
        }
        catch (HttpOperationException refused) when (refused.Is(HttpStatusCode.Conflict))
        {
            return new(StatusOutcome.Conflict, Resource: null);
        }
        catch (HttpOperationException refused) when (refused.Is(HttpStatusCode.NotFound))
        {
            return new(StatusOutcome.Gone, Resource: null);
        }
    }

    private JsonObject AsJson(TStatus? status) =>
        status is null ? [] : JsonSerializer.SerializeToNode(status, json)?.AsObject() ?? [];
}
