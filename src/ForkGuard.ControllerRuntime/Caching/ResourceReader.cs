using System.Globalization;
using System.Net;
using System.Text.Json;
using k8s.Autorest;
using Microsoft.Extensions.Logging;

namespace ForkGuard.ControllerRuntime;

/// <summary>Asks the server for lists and watches of a kind.</summary>
internal sealed class ResourceReader<T>(
    ApiClient client,
    ResourceKind<T> kind,
    ResourceCacheOptions<T> options,
    RuntimeServices services,
    ILogger logger
)
    where T : class
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);

    // The server ends a watch by itself; this is for one that does not.
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(30);

    private readonly string _path = kind.CollectionPath(options.Namespace);

    /// <summary>Everything there is, page by page, all of it as of one version.</summary>
    /// <exception cref="JsonException">The answer is not a list.</exception>
    public async Task<ResourceList<T>> ListAsync(CancellationToken cancellationToken)
    {
        List<T> items = [];
        string? next = null;
        do
        {
            try
            {
                (string version, next) = await PageAsync(items, Limit(next), cancellationToken);
                if (next is null)
                {
                    return new(items, version);
                }
            }
            catch (HttpOperationException gone) when (next is not null && gone.Is(HttpStatusCode.Gone))
            {
                // Listing took so long that the version of the first page is forgotten. All at once cannot be overtaken.
                next = null;
            }
        } while (next is not null);

        items.Clear();
        (string whole, _) = await PageAsync(items, [], cancellationToken);
        return new(items, whole);
    }

    /// <summary>Opens a watch that goes on after a version.</summary>
    public async Task<OpenWatch> WatchAsync(string version, CancellationToken cancellationToken)
    {
        TimeSpan timeout = options.WatchTimeout * (1 + Random.Shared.NextDouble());
        string query = Query([
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", version),
            ("timeoutSeconds", Math.Ceiling(timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
        ]);
        OpenWatch watch = new(services.Time, AnswerTimeout, options.MaxIdle, cancellationToken);
        try
        {
            await watch.OpenAsync(
                token => client.SendAsync(HttpMethod.Get, query, body: null, token),
                timeout + WatchGrace
            );
            return watch;
        }
        catch
        {
            watch.Dispose();
            throw;
        }
    }

    /// <summary>Null if the object is not what it should be: it is left out, and the log has its name and the reason.</summary>
    public T? Read(JsonElement held)
    {
        T? read;
        try
        {
            read = held.Deserialize(kind.Json) ?? throw new JsonException("null");
            _ = kind.Identify(read);
        }
#pragma warning disable CA1031 // A converter may throw any exception. One unreadable object must not stop the others.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            CacheLog.Unreadable(logger, kind.ToString(), ObjectHeader.Read(held)?.Key.ToString(), exception);
            services.Metrics.Unreadable(kind.ToString());
            return null;
        }

        return options.Transform is { } transform ? transform(read) : read;
    }

    private async Task<(string Version, string? Next)> PageAsync(
        List<T> items,
        IEnumerable<(string Name, string Value)> range,
        CancellationToken cancellationToken
    )
    {
        using CancellationTokenSource late = new(AnswerTimeout, services.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
            late.Token,
            cancellationToken
        );
        using HttpResponseMessage answer = await client.SendAsync(
            HttpMethod.Get,
            Query(range),
            body: null,
            either.Token
        );
        await using Stream body = await answer.Content.ReadAsStreamAsync(either.Token);
        using JsonDocument page = await JsonDocument.ParseAsync(body, default, either.Token);
        ResourceIdentity header =
            ObjectHeader.Read(page.RootElement) ?? throw new JsonException("The answer is not a list of objects.");
        if (page.RootElement.TryGetProperty("items", out JsonElement found) && found.ValueKind == JsonValueKind.Array)
        {
            items.AddRange(found.EnumerateArray().Select(Read).OfType<T>());
        }

        bool isPartial = page.RootElement.GetProperty("metadata").TryGetProperty("continue", out JsonElement token);
        return (header.ResourceVersion, isPartial && token.GetString() is { Length: > 0 } next ? next : null);
    }

    private IEnumerable<(string, string)> Limit(string? next)
    {
        yield return ("limit", options.PageSize.ToString(CultureInfo.InvariantCulture));
        if (next is not null)
        {
            yield return ("continue", next);
        }
    }

    private string Query(IEnumerable<(string Name, string Value)> parameters) =>
        $"{_path}?"
        + string.Join(
            '&',
            parameters
                .Append(("labelSelector", options.LabelSelector ?? ""))
                .Append(("fieldSelector", options.FieldSelector ?? ""))
                .Where(parameter => parameter.Item2.Length > 0)
                .Select(parameter => $"{parameter.Item1}={Uri.EscapeDataString(parameter.Item2)}")
        );
}

/// <summary>The content of a list.</summary>
internal sealed record ResourceList<T>(IReadOnlyCollection<T> Items, string Version);
