using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using ForkGuard.ControllerRuntime;
using k8s.Autorest;

namespace ForkGuard.Controller.Cluster;

/// <summary>Reads and patches single objects, past the caches.</summary>
internal sealed class ClusterReader(ApiClient client, ApiPipeline pipeline)
{
    private const string MergePatch = "application/merge-patch+json";

    /// <summary>The object as it is now; null if there is none.</summary>
    /// <exception cref="HttpOperationException">The server refused it.</exception>
    internal Task<T?> ReadAsync<T>(ResourceKind<T> kind, ResourceKey key, CancellationToken cancellationToken)
        where T : class =>
        SendAsync(
            kind,
            HttpMethod.Get,
            PathOf(kind, key),
            body: null,
            MediaTypeNames.Application.Json,
            cancellationToken
        );

    /// <summary>All objects of the kind as they are now.</summary>
    internal async Task<IReadOnlyList<T>> ListAsync<T>(ResourceKind<T> kind, CancellationToken cancellationToken)
        where T : class
    {
        using var document = await pipeline.ExecuteAsync(
            async token =>
            {
                using var response = await client.SendAsync(
                    HttpMethod.Get,
                    $"apis/{kind.Group}/{kind.Version}/{kind.Plural}",
                    body: null,
                    token
                );
                return await JsonDocument.ParseAsync(
                    await response.Content.ReadAsStreamAsync(token),
                    cancellationToken: token
                );
            },
            cancellationToken
        );
        return
        [
            .. document
                .RootElement.GetProperty("items")
                .EnumerateArray()
                .Select(item => item.Deserialize(kind.Json))
                .OfType<T>(),
        ];
    }

    /// <summary>Creates an object of a cluster-scoped kind; null if it is there already.</summary>
    internal async Task<T?> CreateAsync<T>(ResourceKind<T> kind, T resource, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await SendAsync(
                kind,
                HttpMethod.Post,
                $"apis/{kind.Group}/{kind.Version}/{kind.Plural}",
                JsonSerializer.Serialize(resource, kind.Json),
                MediaTypeNames.Application.Json,
                cancellationToken
            );
        }
        catch (HttpOperationException refused) when (refused.Response.StatusCode == HttpStatusCode.Conflict)
        {
            return null;
        }
    }

    /// <summary>Changes fields of an object; null if there is none.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="key">Its name.</param>
    /// <param name="patch">A JSON merge patch (RFC 7396).</param>
    /// <param name="cancellationToken">Ends the call.</param>
    internal Task<T?> PatchAsync<T>(
        ResourceKind<T> kind,
        ResourceKey key,
        string patch,
        CancellationToken cancellationToken
    )
        where T : class => SendAsync(kind, HttpMethod.Patch, PathOf(kind, key), patch, MergePatch, cancellationToken);

    private Task<T?> SendAsync<T>(
        ResourceKind<T> kind,
        HttpMethod method,
        string path,
        string? body,
        string mediaType,
        CancellationToken cancellationToken
    )
        where T : class =>
        pipeline.ExecuteAsync(
            async token =>
            {
                try
                {
                    using var content = body is null
                        ? null
                        : new StringContent(body, new MediaTypeHeaderValue(mediaType));
                    using var response = await client.SendAsync(method, path, content, token);
                    return await JsonSerializer.DeserializeAsync(
                        await response.Content.ReadAsStreamAsync(token),
                        kind.Json,
                        token
                    );
                }
                catch (HttpOperationException refused) when (refused.Response.StatusCode == HttpStatusCode.NotFound)
                {
                    return null;
                }
            },
            cancellationToken
        );

    private static string PathOf<T>(ResourceKind<T> kind, ResourceKey key)
        where T : class
    {
        var root = kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.Group}/{kind.Version}";
        return kind.Namespaced
            ? $"{root}/namespaces/{Uri.EscapeDataString(key.Namespace)}/{kind.Plural}/{Uri.EscapeDataString(key.Name)}"
            : $"{root}/{kind.Plural}/{Uri.EscapeDataString(key.Name)}";
    }
}
