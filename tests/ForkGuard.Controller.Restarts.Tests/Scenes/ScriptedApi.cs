using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace ForkGuard.Controller.Restarts.Tests.Scenes;

/// <summary>A request to the scripted API server.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Without a slash at its begin.</param>
/// <param name="Query">Its query, decoded.</param>
/// <param name="Body">Its body; empty without one.</param>
internal sealed record ScriptedRequest(string Method, string Path, string Query, string Body)
{
    internal bool IsTrial => Path.EndsWith("/eviction", StringComparison.Ordinal) && IsDryRun;

    internal bool IsEviction => Path.EndsWith("/eviction", StringComparison.Ordinal) && !IsDryRun;

    private bool IsDryRun => Body.Contains("dryRun", StringComparison.Ordinal);

    /// <summary>It writes a record in this state.</summary>
    internal bool Records(string state) =>
        Method == "PUT" && Body.Contains($"\"state\":\"{state}\"", StringComparison.Ordinal);
}

/// <summary>
/// Objects in memory behind the API of Kubernetes: enough of it for the calls of a restart, each of which a test can have answered
/// in another way. Its clock is that of the test.
/// </summary>
internal sealed class ScriptedApi(TimeProvider time)
{
    private const string Discovery = """
        {"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":
        [{"name":"pods/eviction","singularName":"","namespaced":true,"group":"policy","version":"v1","kind":"Eviction","verbs":["create"]}]}
        """;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _delivered = new(StringComparer.Ordinal);
    private readonly List<(string Collection, Pipe Pipe)> _streams = [];
    private readonly ConcurrentQueue<ScriptedRequest> _requests = new();
    private int _version = 100;
    private int _held;

    internal IReadOnlyList<ScriptedRequest> Requests => [.. _requests];

    /// <summary>A request waits for <see cref="Intercept"/>.</summary>
    internal bool IsHeld => Volatile.Read(ref _held) > 0;

    /// <summary>Answers in the server's place; null lets the server answer.</summary>
    internal Func<ScriptedRequest, CancellationToken, Task<HttpResponseMessage?>>? Intercept { get; set; }

    /// <summary>How far the server's clock is ahead of the test's.</summary>
    internal TimeSpan ClockOffset { get; set; }

    /// <summary>The streams deliver nothing, so that caches are behind.</summary>
    internal bool IsBehind { get; set; }

    internal DelegatingHandler Handler() => new Server(this);

    internal JsonObject? Get(string path)
    {
        lock (_lock)
        {
            return (JsonObject?)_objects.GetValueOrDefault(path)?.DeepClone();
        }
    }

    internal IReadOnlyList<JsonObject> All(string collection)
    {
        lock (_lock)
        {
            return
            [
                .. _objects
                    .Where(entry => IsIn(entry.Key, collection))
                    .Select(entry => (JsonObject)entry.Value.DeepClone()),
            ];
        }
    }

    /// <summary>The versions of the objects of a collection, as the streams delivered them.</summary>
    internal IReadOnlyList<string> Delivered(string collection)
    {
        lock (_lock)
        {
            return [.. _delivered.Where(entry => IsIn(entry.Key, collection)).Select(entry => entry.Value)];
        }
    }

    internal void Put(string path, JsonNode given)
    {
        lock (_lock)
        {
            Set(path, (JsonObject)given.DeepClone());
        }
    }

    internal void Change(string path, Action<JsonObject> change)
    {
        lock (_lock)
        {
            var changed = (JsonObject)_objects[path].DeepClone();
            change(changed);
            Set(path, changed);
        }
    }

    /// <summary>Changes or removes an object of which no stream delivers it, so that caches are behind.</summary>
    internal void ChangeUnseen(string path, Action<JsonObject>? change)
    {
        lock (_lock)
        {
            if (change is null)
            {
                _objects.Remove(path);
            }
            else
            {
                var changed = (JsonObject)_objects[path].DeepClone();
                change(changed);
                _objects[path] = changed;
            }
        }
    }

    internal void Remove(string path)
    {
        lock (_lock)
        {
            _objects.Remove(path, out var removed);
            _delivered.Remove(path);
            Send(path, "DELETED", removed!);
        }
    }

    internal static HttpResponseMessage Answer(HttpStatusCode code, string body) =>
        new(code) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    internal static HttpResponseMessage Refusal(int code, string message, string details = "{}") =>
        Answer(
            (HttpStatusCode)code,
            $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","code":{{code}},"message":"{{message}}","details":{{details}}}"""
        );

    private void Set(string path, JsonObject given)
    {
        var metadata = given["metadata"]!.AsObject();
        metadata["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        metadata["uid"] ??= $"uid-of-{path.Split('/')[^1]}";
        var type = _objects.ContainsKey(path) ? "MODIFIED" : "ADDED";
        _objects[path] = given;
        if (!IsBehind)
        {
            _delivered[path] = Version(given)!;
            Send(path, type, given);
        }
    }

    private void Send(string path, string type, JsonObject given)
    {
        var line = new JsonObject { ["type"] = type, ["object"] = given.DeepClone() }.ToJsonString() + "\n";
        foreach (var (_, pipe) in _streams.Where(stream => IsIn(path, stream.Collection)))
        {
            Encoding.UTF8.GetBytes(line, pipe.Writer);
            _ = pipe.Writer.FlushAsync().AsTask();
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(ScriptedRequest request, CancellationToken cancellationToken)
    {
        _requests.Enqueue(request);
        Interlocked.Increment(ref _held);
        try
        {
            if (Intercept is { } intercept && await intercept(request, cancellationToken) is { } scripted)
            {
                return scripted;
            }
        }
        finally
        {
            Interlocked.Decrement(ref _held);
        }

        lock (_lock)
        {
            return request.Method switch
            {
                "GET" when request.Path is "api/v1" => Answer(HttpStatusCode.OK, Discovery),
                "GET" when request.Query.Contains("watch=true", StringComparison.Ordinal) => Stream(request),
                "GET" when _objects.TryGetValue(request.Path, out var found) => Answer(
                    HttpStatusCode.OK,
                    found.ToJsonString()
                ),
                "GET" when IsCollection(request.Path) => List(request),
                "POST" when request.Path.EndsWith("/eviction", StringComparison.Ordinal) => Evict(request),
                "POST" => Create(request),
                "PUT" => Replace(request),
                "DELETE" => Delete(request),
                _ => Refusal(404, "not found"),
            };
        }
    }

    private HttpResponseMessage Stream(ScriptedRequest request)
    {
        if (QueryOf(request)["resourceVersion"] != _version.ToString(CultureInfo.InvariantCulture))
        {
            // No event of the past is kept.
            return Refusal(410, "too old resource version");
        }

        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        _streams.Add((request.Path, pipe));
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) };
    }

    private static Dictionary<string, string> QueryOf(ScriptedRequest request) =>
        request
            .Query.TrimStart('?')
            .Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(parameter => parameter.Split('=', 2))
            .ToDictionary(parameter => parameter[0], parameter => parameter[1], StringComparer.Ordinal);

    private HttpResponseMessage List(ScriptedRequest request)
    {
        var query = QueryOf(request);
        var name = query.GetValueOrDefault("fieldSelector")?.Split('=')[1];
        string[] labels = query.GetValueOrDefault("labelSelector")?.Split(',') ?? [];
        var items = _objects
            .Where(entry => IsIn(entry.Key, request.Path))
            .Select(entry => entry.Value)
            .Where(item => name is null || item["metadata"]!["name"]!.GetValue<string>() == name)
            .Where(item => Array.TrueForAll(labels, label => Has(item, label)));
        var list = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture) },
            ["items"] = new JsonArray([.. items.Select(item => item.DeepClone())]),
        };
        return Answer(HttpStatusCode.OK, list.ToJsonString());
    }

    private HttpResponseMessage Create(ScriptedRequest request)
    {
        var given = JsonNode.Parse(request.Body)!.AsObject();
        var path = $"{request.Path}/{given["metadata"]!["name"]}";
        if (_objects.ContainsKey(path))
        {
            return Refusal(409, "already exists");
        }

        given["metadata"]!["creationTimestamp"] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        given.Remove("status");
        Set(path, given);
        return Answer(HttpStatusCode.Created, _objects[path].ToJsonString());
    }

    private HttpResponseMessage Replace(ScriptedRequest request)
    {
        var path = request.Path[..^"/status".Length];
        var given = JsonNode.Parse(request.Body)!.AsObject();
        if (!_objects.TryGetValue(path, out var known))
        {
            return Refusal(404, "not found");
        }

        if (Version(known) != Version(given))
        {
            return Refusal(409, "the object has been modified");
        }

        var changed = (JsonObject)known.DeepClone();
        changed["status"] = given["status"]?.DeepClone();
        Set(path, changed);
        return Answer(HttpStatusCode.OK, changed.ToJsonString());
    }

    private HttpResponseMessage Delete(ScriptedRequest request)
    {
        if (!_objects.TryGetValue(request.Path, out var known))
        {
            return Refusal(404, "not found");
        }

        if (request.Body.Contains("gracePeriodSeconds", StringComparison.Ordinal))
        {
            End(request.Path);
        }
        else
        {
            Remove(request.Path);
        }

        return Answer(HttpStatusCode.OK, known.ToJsonString());
    }

    private HttpResponseMessage Evict(ScriptedRequest request)
    {
        var path = request.Path[..^"/eviction".Length];
        if (!_objects.ContainsKey(path))
        {
            return Refusal(404, "not found");
        }

        if (request.IsEviction)
        {
            End(path);
        }

        return Answer(HttpStatusCode.Created, """{"kind":"Status","apiVersion":"v1","status":"Success"}""");
    }

    /// <summary>The pod takes its grace period.</summary>
    private void End(string path) =>
        Change(
            path,
            pod => pod["metadata"]!["deletionTimestamp"] = time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)
        );

    private static string? Version(JsonObject given) => given["metadata"]?["resourceVersion"]?.GetValue<string>();

    private static bool Has(JsonObject item, string label) =>
        label.Split('=', 2) is [var key, var value] && item["metadata"]!["labels"]?[key]?.GetValue<string>() == value;

    /// <summary>The object is in the collection of its namespace, or of all.</summary>
    private static bool IsIn(string path, string collection)
    {
        var own = path[..path.LastIndexOf('/')];
        return own == collection || Without(own) == collection;
    }

    /// <summary>The collection of all namespaces.</summary>
    private static string Without(string collection)
    {
        var parts = collection.Split('/').ToList();
        var at = parts.IndexOf("namespaces");
        if (at >= 0 && parts.Count > at + 2)
        {
            parts.RemoveRange(at, 2);
        }

        return string.Join('/', parts);
    }

    private static bool IsCollection(string path)
    {
        var rest = Without(path).Split('/');
        return rest.Length == (rest[0] == "api" ? 3 : 4);
    }

    private sealed class Server(ScriptedApi api) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            cancellationToken.ThrowIfCancellationRequested();
            var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            var answer = await api.AnswerAsync(
                new ScriptedRequest(
                    request.Method.Method,
                    request.RequestUri!.AbsolutePath.Trim('/'),
                    Uri.UnescapeDataString(request.RequestUri.Query),
                    body
                ),
                cancellationToken
            );
            answer.RequestMessage = request;
            answer.Headers.Date ??= api.Now + api.ClockOffset;
            return answer;
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();
}
