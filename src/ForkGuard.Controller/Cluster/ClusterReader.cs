using System.Net;
using System.Net.Http.Headers;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.ControllerRuntime;
using k8s.Autorest;

namespace ForkGuard.Controller.Cluster;

/// <summary>Reads and patches single objects, past the caches.</summary>
internal sealed class ClusterReader(ApiClient client, ApiPipeline pipeline)
{
    private const string PageSize = "500";
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

    /// <summary>All objects of the kind as they are now. An object that cannot be read is left out.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <param name="ns">A namespace; null for all.</param>
    /// <param name="labelSelector">As the API takes it; null for all.</param>
    /// <param name="name">The only name; null for all.</param>
    internal async Task<IReadOnlyList<T>> ListAsync<T>(
        ResourceKind<T> kind,
        CancellationToken cancellationToken,
        string? ns = null,
        string? labelSelector = null,
        string? name = null
    )
        where T : class
    {
        (string Name, string? Value)[] filter =
        [
            ("labelSelector", labelSelector),
            ("fieldSelector", name is null ? null : $"metadata.name={name}"),
        ];
        var path = CollectionOf(kind, ns);
        var items = new List<T>();
        string? next = null;
        do
        {
            try
            {
                next = await PageAsync(
                    kind,
                    path,
                    [.. filter, ("limit", PageSize), ("continue", next)],
                    items,
                    cancellationToken
                );
            }
            catch (HttpOperationException gone)
                when (next is not null && gone.Response.StatusCode == HttpStatusCode.Gone)
            {
                // The version of the first page is forgotten. One page of everything cannot be overtaken.
                items.Clear();
                next = await PageAsync(kind, path, filter, items, cancellationToken);
            }
        } while (next is not null);

        return items;
    }

    /// <returns>The token of the next page; null after the last.</returns>
    private async Task<string?> PageAsync<T>(
        ResourceKind<T> kind,
        string path,
        IEnumerable<(string Name, string? Value)> query,
        List<T> items,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var text = string.Join(
            '&',
            query
                .Where(parameter => parameter.Value is not null)
                .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value!)}")
        );
        using var document = await pipeline.ExecuteAsync(
            async token =>
            {
                using var response = await client.SendAsync(HttpMethod.Get, $"{path}?{text}", body: null, token);
                return await JsonDocument.ParseAsync(
                    await response.Content.ReadAsStreamAsync(token),
                    cancellationToken: token
                );
            },
            cancellationToken
        );
        items.AddRange(
            document
                .RootElement.GetProperty("items")
                .EnumerateArray()
                .Select(item => ReadOrSkip(item, kind))
                .OfType<T>()
        );
        return
            document.RootElement.TryGetProperty("metadata", out var metadata)
            && metadata.TryGetProperty("continue", out var token)
            && token.GetString() is { Length: > 0 } next
            ? next
            : null;
    }

    /// <summary>Creates an object; null if it is there already.</summary>
    internal async Task<T?> CreateAsync<T>(ResourceKind<T> kind, T resource, CancellationToken cancellationToken)
        where T : class
    {
        var ns = kind.Identify(resource).Key.Namespace;
        try
        {
            return await SendAsync(
                kind,
                HttpMethod.Post,
                CollectionOf(kind, ns),
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

    /// <summary>
    /// Writes an object, or its status, once: only if its resource version is still the one it carries. Null if it changed or
    /// went.
    /// </summary>
    internal async Task<T?> PutStatusAsync<T>(ResourceKind<T> kind, T resource, CancellationToken cancellationToken)
        where T : class
    {
        var path = $"{PathOf(kind, kind.Identify(resource).Key)}/status";
        using var body = new StringContent(
            JsonSerializer.Serialize(resource, kind.Json),
            new MediaTypeHeaderValue(MediaTypeNames.Application.Json)
        );
        try
        {
            using var response = await client.SendAsync(HttpMethod.Put, path, body, cancellationToken);
            return await JsonSerializer.DeserializeAsync(
                await response.Content.ReadAsStreamAsync(cancellationToken),
                kind.Json,
                cancellationToken
            );
        }
        catch (HttpOperationException refused)
            when (refused.Response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Deletes an object if it is still the one that was read.</summary>
    internal async Task DeleteAsync<T>(ResourceKind<T> kind, T resource, CancellationToken cancellationToken)
        where T : class
    {
        var identity = kind.Identify(resource);
        var options = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["preconditions"] = new JsonObject
            {
                ["uid"] = identity.Uid,
                ["resourceVersion"] = identity.ResourceVersion,
            },
        };
        using var body = new StringContent(
            options.ToJsonString(),
            new MediaTypeHeaderValue(MediaTypeNames.Application.Json)
        );
        try
        {
            (await client.SendAsync(HttpMethod.Delete, PathOf(kind, identity.Key), body, cancellationToken)).Dispose();
        }
        catch (HttpOperationException refused)
            when (refused.Response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // It changed or went: it is looked at again.
        }
    }

    private static T? ReadOrSkip<T>(JsonElement item, ResourceKind<T> kind)
        where T : class
    {
        try
        {
            return item.Deserialize(kind.Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

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

    private static string CollectionOf<T>(ResourceKind<T> kind, string? ns)
        where T : class
    {
        var root = kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.Group}/{kind.Version}";
        return string.IsNullOrEmpty(ns)
            ? $"{root}/{kind.Plural}"
            : $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{kind.Plural}";
    }

    private static string PathOf<T>(ResourceKind<T> kind, ResourceKey key)
        where T : class => $"{CollectionOf(kind, key.Namespace)}/{Uri.EscapeDataString(key.Name)}";
}
