using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ForkGuard.ControllerRuntime;

/// <summary>Calls whose body and answer are JSON as it is, so that no field that nobody here knows is lost.</summary>
internal static class JsonCalls
{
    public const string Json = "application/json";
    public const string MergePatch = "application/merge-patch+json";

    /// <exception cref="JsonException">The answer is not a JSON object.</exception>
    public static async Task<JsonObject> CallAsync(
        this ApiClient client,
        HttpMethod method,
        string path,
        JsonObject? body,
        CancellationToken cancellationToken,
        string mediaType = Json
    )
    {
        using StringContent? content = body is null
            ? null
            : new(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(mediaType));
        using HttpResponseMessage answer = await client.SendAsync(method, path, content, cancellationToken);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        return await JsonNode.ParseAsync(stream, cancellationToken: cancellationToken) as JsonObject
            ?? throw new JsonException("The answer is not a JSON object.");
    }
}
