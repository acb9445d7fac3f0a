using System.Net.Http.Json;
using System.Text.Json;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.ControllerRuntime.Tests.Caching;

/// <summary>Has etcd forget all history, as the API server asks it to every few minutes.</summary>
internal static class EtcdCompaction
{
    private const string ClientAddress = "--advertise-client-urls=";

    public static async Task RunAsync(ControlPlane cluster, CancellationToken cancellationToken)
    {
        string etcd = cluster
            .Pids.SelectMany(pid => File.ReadAllText($"/proc/{pid}/cmdline").Split('\0'))
            .Single(argument => argument.StartsWith(ClientAddress, StringComparison.Ordinal))[ClientAddress.Length..];
        using HttpClient client = new() { BaseAddress = new Uri(etcd) };
        JsonElement status = await PostAsync(client, "/v3/maintenance/status", new { }, cancellationToken);
        string revision = status.GetProperty("header").GetProperty("revision").GetString()!;
        await PostAsync(client, "/v3/kv/compaction", new { revision, physical = true }, cancellationToken);
    }

    private static async Task<JsonElement> PostAsync(
        HttpClient client,
        string path,
        object body,
        CancellationToken cancellationToken
    )
    {
        using HttpResponseMessage answer = await client.PostAsJsonAsync(path, body, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
    }
}
