using System.Globalization;
using System.Text.Json.Nodes;
using ForkGuard.Testing;
using ForkGuard.Testing.Kubernetes;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>A real Redis or Valkey in a pod: it holds data, and saves by a fork child that takes several scans.</summary>
internal sealed class SavingServer
{
    public const string Namespace = "saves";

    // Pages of values, which is about 118 MiB; the server has 130 MiB with them.
    private const int Keys = 30_000;
    private const int ValueBytes = 4000;

    // 30 000 keys take about 15 s: a child that ends between two scans is not seen.
    private const int KeyDelayMicroseconds = 400;

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    private readonly string _program;

    private SavingServer(string program, string pod) => (_program, Pod) = (program, pod);

    public string Pod { get; }

    public string Command => $"{_program}-server";

    /// <summary>Starts a server, fills it, and returns once it holds its data.</summary>
    /// <param name="program">redis or valkey.</param>
    /// <param name="image">Its image.</param>
    /// <param name="name">Ends the name of the pod.</param>
    /// <param name="mebibytes">Memory limit of the container.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<SavingServer> StartAsync(
        string program,
        string image,
        string name,
        int mebibytes,
        CancellationToken cancellationToken
    )
    {
        SavingServer server = new(program, $"{program}-{name}");
        await Installation.ApplyAsync(server.Manifest(image, mebibytes), cancellationToken);
        await Condition.HoldsAsync(
            async token => (await server.RunAsync("PING", token)).StandardOutput.StartsWith("PONG", Ordinal),
            $"{server.Pod} answers",
            Soon,
            cancellationToken
        );
        await server.SucceedAsync(
            string.Create(CultureInfo.InvariantCulture, $"DEBUG POPULATE {Keys} key {ValueBytes}"),
            cancellationToken
        );
        return server;
    }

    /// <summary>Starts a save, writes to this percentage of the data at once, and returns how the save has ended: ok or err.</summary>
    public async Task<string> SaveAsync(int percent, CancellationToken cancellationToken)
    {
        const string Rewrite = "for i = 0, ARGV[1] - 1 do redis.call('SETRANGE', 'key:' .. i, 0, 'x') end";
        int keys = Keys * percent / 100;
        await SucceedAsync(
            string.Create(CultureInfo.InvariantCulture, $"BGSAVE\nEVAL \"{Rewrite}\" 0 {keys}"),
            cancellationToken
        );
        string information = "";
        await Condition.HoldsAsync(
            async token =>
                (information = await SucceedAsync("INFO persistence", token)).Contains(
                    "rdb_bgsave_in_progress:0",
                    Ordinal
                ),
            $"the save of {Pod} is over",
            Soon,
            cancellationToken
        );
        const string Field = "rdb_last_bgsave_status:";
        return information.Split('\n').First(line => line.StartsWith(Field, Ordinal))[Field.Length..].Trim();
    }

    /// <summary>Waits until the node's report has this pod with what a save has cost; returns the snapshot of the entry.</summary>
    public async Task<JsonNode> LearnedAsync(CancellationToken cancellationToken) =>
        await Node.ProcessAsync(
            process =>
                string.Equals((string?)process["pod"]?["name"], Pod, StringComparison.Ordinal)
                && process["snapshot"]?["learnedPeakBytes"] is not null,
            $"{Pod} has saved",
            cancellationToken
        );

    /// <summary>Returns what the server has logged.</summary>
    public async Task<string> LogAsync(CancellationToken cancellationToken) =>
        await Shell.SucceedAsync(
            ["kubectl", "logs", Pod, "--namespace", Namespace],
            cancellationToken: cancellationToken
        );

    private const StringComparison Ordinal = StringComparison.Ordinal;

    private async Task<string> SucceedAsync(string commands, CancellationToken cancellationToken)
    {
        CommandAnswer answer = await RunAsync(commands, cancellationToken);
        return answer.ExitCode == 0 && !answer.StandardOutput.Contains("ERR ", Ordinal)
            ? answer.StandardOutput
            : throw new InvalidOperationException($"{Pod}: {commands}: {answer.StandardOutput}{answer.StandardError}");
    }

    private Task<CommandAnswer> RunAsync(string commands, CancellationToken cancellationToken) =>
        Shell.RunAsync(
            ["kubectl", "exec", Pod, "--namespace", Namespace, "--stdin", "--", $"/usr/bin/{_program}-cli"],
            commands + "\n",
            cancellationToken
        );

    private string Manifest(string image, int mebibytes) =>
        $$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: {{Pod}}
              namespace: {{Namespace}}
              labels: {app: {{VictimPods.Name}}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: server
                  image: {{image}}
                  imagePullPolicy: Never
                  # At the limit the kernel kills the child, not the server.
                  args: [--save, "", --oom-score-adj, relative, --enable-debug-command, "yes",
                    --rdb-key-save-delay, "{{KeyDelayMicroseconds}}"]
                  resources:
                    # Guaranteed, or the difference between their oom_score_adj is too small.
                    limits: {cpu: 350m, memory: {{mebibytes}}Mi}
            """;
}
