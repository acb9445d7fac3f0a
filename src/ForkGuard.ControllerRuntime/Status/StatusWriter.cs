using System.Text.Json.Serialization.Metadata;

namespace ForkGuard.ControllerRuntime;

/// <summary>Writes an object's status: only what changed, and only if the object is still the one that was read.</summary>
/// <typeparam name="T">The object.</typeparam>
/// <typeparam name="TStatus">Its status.</typeparam>
public sealed class StatusWriter<T, TStatus>
    where T : class
    where TStatus : class
{
    /// <param name="client">The server.</param>
    /// <param name="pipeline">How calls are tried again.</param>
    /// <param name="kind">The object's kind, which has the status subresource.</param>
    /// <param name="statusOf">Reads the status of an object; null if it has none yet.</param>
    /// <param name="json">How a status is written.</param>
    public StatusWriter(
        ApiClient client,
        ApiPipeline pipeline,
        ResourceKind<T> kind,
        Func<T, TStatus?> statusOf,
        JsonTypeInfo<TStatus> json
    ) { }

    /// <summary>
    /// Makes the status what it should be, by a merge patch of the differences that the server takes only if neither uid nor
    /// resource version changed. Fields that <typeparamref name="TStatus"/> does not know are left alone.
    /// </summary>
    /// <param name="current">The object as it was read, from a cache or live.</param>
    /// <param name="status">What its status should be.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="k8s.Autorest.HttpOperationException">The server refused it for another reason.</exception>
    public Task<StatusWrite<T>> WriteAsync(T current, TStatus status, CancellationToken cancellationToken) =>
        throw new NotSupportedException();
}
