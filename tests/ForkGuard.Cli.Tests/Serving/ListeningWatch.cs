using System.Net;
using System.Text.RegularExpressions;
using ForkGuard.Testing;

namespace ForkGuard.Cli.Tests.Serving;

/// <summary>The published <c>watch --listen</c>, and what it answers over HTTP.</summary>
internal sealed partial class ListeningWatch : IAsyncDisposable
{
    private static readonly HttpClient Http = new();
    private readonly Uri _address;

    private ListeningWatch(ForkGuardProcess process, Uri address)
    {
        Process = process;
        _address = address;
    }

    public ForkGuardProcess Process { get; }

    public static async Task<ListeningWatch> StartAsync(WatchFolder folder, string address = "127.0.0.1")
    {
        var process = ForkGuardProcess.Start([
            "watch",
            "-f",
            folder.Root,
            "--interval",
            "1",
            "--listen",
            $"{address}:0",
        ]);
        var line = await process.WaitForLineAsync(
            line => line.StartsWith("listening on ", StringComparison.Ordinal),
            cancellationToken: Check.Stop
        );
        return new ListeningWatch(process, new Uri($"http://127.0.0.1:{Port().Match(line).Groups["port"].Value}"));
    }

    /// <summary>The same server by another address of this machine.</summary>
    public Task<string> GetAsync(string path, string host = "127.0.0.1") =>
        Http.GetStringAsync(new UriBuilder(new Uri(_address, path)) { Host = host }.Uri, Check.Stop);

    public async Task<HttpStatusCode> CodeOfAsync(string path)
    {
        using var answer = await Http.GetAsync(new Uri(_address, path), Check.Stop);
        return answer.StatusCode;
    }

    /// <summary>The value of a series without labels, or with them as they are written.</summary>
    public async Task<string?> ValueOfAsync(string series) =>
        (await GetAsync("/metrics"))
            .Split('\n')
            .Where(line => line.StartsWith($"{series} ", StringComparison.Ordinal))
            .Select(line => line[(series.Length + 1)..])
            .SingleOrDefault();

    public Task HasValueAsync(string series, string value) =>
        Condition.HoldsAsync(
            async _ => await ValueOfAsync(series) == value,
            $"{series} is {value}",
            cancellationToken: Check.Stop
        );

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    [GeneratedRegex(@":(?<port>\d+): ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Port();
}
