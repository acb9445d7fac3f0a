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
    /// <param name="holdSeconds">How long a risk must last before it counts.</param>
    /// <param name="warnAtPercent">From 5 points below on, the agent writes a report at every scan.</param>
    public static async Task<Watch> ApplyAsync(
        string ns,
        CancellationToken cancellationToken,
        string action = "Event",
        string restart = "{}",
        int holdSeconds = 0,
        int warnAtPercent = 70
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
              warnAtPercent: {{warnAtPercent}}
              clearBelowPercent: {{warnAtPercent - 1}}
              holdSeconds: {{holdSeconds}}
              action: {{action}}
              restart: {{restart}}
            """,
            cancellationToken
        );
        return new(ns);
    }

    /// <summary>Waits until the pod's description has this, and returns the description.</summary>
    public Task<string> DescribedAsync(string pod, string words, CancellationToken cancellationToken) =>
        Description.HasAsync("pod", pod, words, cancellationToken, _namespace);

    /// <summary>Waits until the watch's description has this, and returns the description.</summary>
    public Task<string> DescribedAsync(string words, CancellationToken cancellationToken) =>
        Description.HasAsync("forkwatch", Name, words, cancellationToken, _namespace);

    /// <summary>Waits until the watch says that a restart is held back for this reason.</summary>
    public Task SuppressedAsync(string reason, CancellationToken cancellationToken) =>
        SaysAsync("ActionSuppressed", "True", reason, cancellationToken);

    /// <summary>Waits until a condition of the watch has this status, for this reason; returns the watch's status.</summary>
    public async Task<JsonNode> SaysAsync(
        string type,
        string status,
        string reason,
        CancellationToken cancellationToken
    )
    {
        JsonNode? last = null;
        try
        {
            await Condition.HoldsAsync(
                async token =>
                    (last = await StatusAsync(token))
                        ?["conditions"]?.AsArray()
                        .Any(condition =>
                            Is(condition!["type"], type)
                            && Is(condition["status"], status)
                            && Is(condition["reason"], reason)
                        ) == true,
                $"the watch of {_namespace} says {type} {status}, {reason}",
                Soon,
                cancellationToken
            );
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}; its status is {last}", late);
        }

        return last!;
    }

    /// <summary>
    /// Waits until the replacement of the only restart of the namespace is being proven, which takes ten minutes, and nothing
    /// is at risk; returns the restart as its record has it.
    /// </summary>
    public async Task<JsonNode> ReplacedAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<JsonNode> records = [];
        await Condition.HoldsAsync(
            async token =>
                (records = await Installation.ListAsync(_namespace, "forkrestarts", token)) is [var record]
                && Is(record["status"]?["state"], "Proving"),
            $"the restart record of {_namespace} has a replacement",
            Soon,
            cancellationToken
        );
        await SaysAsync("AtRisk", "False", "BelowThreshold", cancellationToken);
        return records[0]["status"]!["restart"]!;
    }

    public Task DeleteAsync(CancellationToken cancellationToken) =>
        Shell.SucceedAsync(
            ["kubectl", "delete", "forkwatch", Name, "--namespace", _namespace],
            cancellationToken: cancellationToken
        );

    /// <summary>The watch's status; null before the controller has seen it.</summary>
    public async Task<JsonNode?> StatusAsync(CancellationToken cancellationToken) =>
        (await Installation.FindAsync(_namespace, "forkwatch", Name, cancellationToken))?["status"];

    private static bool Is(JsonNode? value, string text) =>
        string.Equals((string?)value, text, StringComparison.Ordinal);
}
