using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>A ForkWatch over the pods of <see cref="VictimPods"/>, which holds nothing back.</summary>
internal sealed class Watch
{
    private const string Name = "redis";

    // Four scans, on a busy machine.
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    private readonly string _namespace;

    private Watch(string ns) => _namespace = ns;

    /// <param name="ns">The namespace of the pods.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="action">Event or Restart.</param>
    /// <param name="restart">The fields of restart, as a flow mapping.</param>
    public static async Task<Watch> ApplyAsync(
        string ns,
        CancellationToken cancellationToken,
        string action = "Event",
        string restart = "{}"
    )
    {
        await Installation.ApplyAsync(
            $$"""
            apiVersion: forkguard.io/v1alpha1
            kind: ForkWatch
            metadata: {name: {{Name}}, namespace: {{ns}}}
            spec:
              selector:
                matchLabels: {app: {{VictimPods.Name}}}
              holdSeconds: 0
              action: {{action}}
              restart: {{restart}}
            """,
            cancellationToken
        );
        return new(ns);
    }

    /// <summary>Waits until the pod's description has an event of this reason, and returns the description.</summary>
    public async Task<string> DescribedAsync(string pod, string reason, CancellationToken cancellationToken)
    {
        string description = "";
        await Condition.HoldsAsync(
            async token =>
            {
                description = await Shell.SucceedAsync(
                    ["kubectl", "describe", "pod", pod, "--namespace", _namespace],
                    cancellationToken: token
                );
                return description.Contains(reason, StringComparison.Ordinal);
            },
            $"{pod} is described with {reason}",
            Soon,
            cancellationToken
        );
        return description;
    }

    /// <summary>Waits until the watch says that a restart is held back for this reason.</summary>
    public Task SuppressedAsync(string reason, CancellationToken cancellationToken) =>
        Condition.HoldsAsync(
            async token =>
                (await StatusAsync(token))
                    ?["conditions"]?.AsArray()
                    .Any(condition =>
                        Is(condition!["type"], "ActionSuppressed")
                        && Is(condition["status"], "True")
                        && Is(condition["reason"], reason)
                    ) == true,
            $"the watch of {_namespace} holds back a restart: {reason}",
            Soon,
            cancellationToken
        );

    /// <summary>The watch's status; null before the controller has seen it.</summary>
    public async Task<JsonNode?> StatusAsync(CancellationToken cancellationToken) =>
        (await Installation.FindAsync(_namespace, "forkwatch", Name, cancellationToken))?["status"];

    private static bool Is(JsonNode? value, string text) =>
        string.Equals((string?)value, text, StringComparison.Ordinal);
}
