using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Agent.Reporting;
using ForkGuard.Api;

namespace ForkGuard.Cli.Kubectl;

/// <summary>The API server gave no usable answer.</summary>
/// <param name="message">One sentence with the cause.</param>
/// <param name="isForbidden">The user may not do it.</param>
internal sealed class ClusterException(string message, bool isForbidden = false) : Exception(message)
{
    internal bool IsForbidden => isForbidden;
}

/// <summary>Reads objects as JSON. Fields that are absent or of another type read as null: objects are hostile input.</summary>
internal sealed class ClusterReader(ApiServer server)
{
    private const int PageSize = 100;
    private const int MaxMessage = 300;

    /// <summary>Reads an object; null if it does not exist.</summary>
    /// <exception cref="ClusterException">No usable answer.</exception>
    internal async Task<JsonObject?> GetAsync(string path, CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            using var answer = await server.SendAsync(request, stop);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                return null;
            }

            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(stop)) as JsonObject;
            return answer.IsSuccessStatusCode
                ? body ?? throw new ClusterException($"the answer of {server.Address} is not an object")
                : throw new ClusterException(
                    body.Text("message") is { } message
                        ? PrintableText.Escape(message, MaxMessage)
                        : string.Create(
                            CultureInfo.InvariantCulture,
                            $"{server.Address} answered HTTP {(int)answer.StatusCode}"
                        ),
                    answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized
                );
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new ClusterException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{server.Address} gave no answer within {ApiServer.LongestWait.TotalSeconds:0} s"
                )
            );
        }
        catch (JsonException)
        {
            throw new ClusterException($"the answer of {server.Address} is not JSON");
        }
        catch (HttpRequestException e)
        {
            throw new ClusterException($"{server.Address}: {PrintableText.Escape(Innermost(e).Message, MaxMessage)}");
        }
    }

    /// <summary>Lists objects page by page; empty if the server does not know their kind.</summary>
    /// <param name="path">The collection.</param>
    /// <param name="query">A selector, such as <c>labelSelector=app%3Dredis</c>; empty for all.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="ClusterException">No usable answer.</exception>
    internal async Task<IReadOnlyList<JsonObject>> ListAsync(string path, string query, CancellationToken stop)
    {
        var all = new List<JsonObject>();
        var next = "";
        do
        {
            var page = await GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"{path}?limit={PageSize}{Join(query)}{next}"),
                stop
            );
            all.AddRange(page.Objects("items"));
            next = page.Text("metadata", "continue") is { Length: > 0 } token
                ? $"&continue={Uri.EscapeDataString(token)}"
                : "";
        } while (next.Length > 0);
        return all;
    }

    private static string Join(string query) => query.Length == 0 ? "" : $"&{query}";

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
