using System.Globalization;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>A Deployment of victims in a namespace of its own: real processes that the kernel lets fork, or does not.</summary>
internal sealed class VictimPods
{
    public const string Name = "redis";
    public const string Command = "redis-server";

    private VictimPods(string ns) => Namespace = ns;

    public string Namespace { get; }

    /// <summary>More than the kernel grants in mode 0, which is RAM and swap: `merged` of so many pages cannot fork.</summary>
    public static long TooManyPages { get; } = PagesOf(110);

    /// <summary>Pages of so many percent of what the kernel grants in mode 0.</summary>
    public static long PagesOf(int percent) => KernelLimit.Pages * percent / 100;

    /// <summary>Victims that were started in another way.</summary>
    public static VictimPods Of(string ns) => new(ns);

    /// <summary>Starts them, and returns once each has its layout.</summary>
    public static async Task<VictimPods> StartAsync(
        string ns,
        long pages,
        CancellationToken cancellationToken,
        int replicas = 1
    )
    {
        VictimPods victims = new(ns);
        await Installation.ApplyAsync(Manifests(ns, pages, replicas), cancellationToken);
        await Condition.HoldsAsync(
            async token =>
                await victims.PodsAsync(token) is var pods
                && pods.Count == replicas
                && await victims.AreReadyAsync(pods, token),
            $"{replicas} victims are ready in {ns}",
            TimeSpan.FromMinutes(2),
            cancellationToken
        );
        return victims;
    }

    /// <summary>The names of the pods that are not on their way out.</summary>
    public async Task<IReadOnlyList<string>> PodsAsync(CancellationToken cancellationToken) =>
        [
            .. from pod in await Installation.ListAsync(Namespace, "pods", cancellationToken, $"app={Name}")
            where pod["metadata"]!["deletionTimestamp"] is null
            select (string)pod["metadata"]!["name"]!,
        ];

    /// <summary>Whether each has its layout.</summary>
    public async Task<bool> AreReadyAsync(IEnumerable<string> pods, CancellationToken cancellationToken)
    {
        string[] logs = await Task.WhenAll(pods.Select(pod => LogAsync(pod, cancellationToken)));
        return logs.All(log => log.StartsWith("ready", StringComparison.Ordinal));
    }

    /// <summary>Makes the victim's mapping longer by so many pages.</summary>
    public Task GrowAsync(string pod, long pages, CancellationToken cancellationToken) =>
        TellAsync(pod, string.Create(CultureInfo.InvariantCulture, $"grow {pages}"), "grown ", cancellationToken);

    /// <summary>When the victim's mapping last became longer, as the kubelet noted it.</summary>
    public async Task<DateTimeOffset> GrownTimeAsync(string pod, CancellationToken cancellationToken)
    {
        string log = await Shell.SucceedAsync(
            ["kubectl", "logs", pod, "--namespace", Namespace, "--timestamps"],
            cancellationToken: cancellationToken
        );
        string line = log.Split('\n').Last(said => said.Contains(" grown ", StringComparison.Ordinal));
        return DateTimeOffset.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>Lets the victim really fork, and returns what it says, such as <c>fork 12 ENOMEM</c>.</summary>
    public Task<string> ForkAsync(string pod, CancellationToken cancellationToken) =>
        TellAsync(pod, "fork", "fork ", cancellationToken);

    /// <summary>Says a line to the victim, and returns the first line of its answer that begins so.</summary>
    public async Task<string> TellAsync(string pod, string line, string answer, CancellationToken cancellationToken)
    {
        int known = (await LogAsync(pod, cancellationToken)).Length;
        using CancellationTokenSource answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<string> attached = Shell.SucceedAsync(
            ["kubectl", "attach", pod, "--namespace", Namespace, "--stdin", "--quiet"],
            line + "\n",
            answered.Token
        );
        string? found = null;
        try
        {
            await Condition.HoldsAsync(
                async token =>
                {
                    string log = await LogAsync(pod, token);
                    found = log[known..]
                        .Split('\n')
                        .SkipLast(1)
                        .FirstOrDefault(said => said.StartsWith(answer, StringComparison.Ordinal));
                    return found is not null || attached.IsFaulted;
                },
                $"{pod} answers to {line}",
                TimeSpan.FromMinutes(2),
                cancellationToken
            );
        }
        finally
        {
            // The server keeps a session whose input ended before its output was connected.
            await answered.CancelAsync();
        }

        return found ?? await attached;
    }

    private async Task<string> LogAsync(string pod, CancellationToken cancellationToken) =>
        (
            await Shell.RunAsync(["kubectl", "logs", pod, "--namespace", Namespace], "", cancellationToken)
        ).StandardOutput;

    private static string Manifests(string ns, long pages, int replicas) =>
        $$"""
            apiVersion: v1
            kind: Namespace
            metadata: {name: {{ns}}}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: {{Name}}, namespace: {{ns}}}
            spec:
              replicas: {{replicas}}
              selector:
                matchLabels: {app: {{Name}}}
              template:
                metadata:
                  labels: {app: {{Name}}}
                spec:
                  terminationGracePeriodSeconds: 1
                  containers:
                    - name: server
                      image: {{Images.Victim}}
                      imagePullPolicy: Never
                      # It obeys lines, and ends when there can be no more.
                      stdin: true
                      args: [--name, {{Command}}, merged, "{{pages}}"]
            """;
}
