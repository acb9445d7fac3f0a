using System.Text.Json.Nodes;
using ForkGuard.Testing;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>A victim in a static pod, which the kubelet runs from a file and shows in the API as a mirror.</summary>
internal sealed class StaticVictim : IAsyncDisposable
{
    public const string Namespace = "default";

    /// <summary>The name of the mirror.</summary>
    public const string Pod = $"victim-{Node.Name}";

    private const string File = "/run/node/manifests/victim.yaml";

    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);

    private StaticVictim() { }

    /// <summary>Starts it with the labels of <see cref="VictimPods"/>, and returns once it runs.</summary>
    public static async Task<StaticVictim> StartAsync(long pages, CancellationToken cancellationToken)
    {
        string manifest = $$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: victim
              namespace: {{Namespace}}
              labels: {app: {{VictimPods.Name}}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: server
                  image: {{Images.Victim}}
                  imagePullPolicy: Never
                  stdin: true
                  args: [--name, {{VictimPods.Command}}, merged, "{{pages}}"]
            """;
        // The kubelet reads whatever is there, even half of it.
        await Shell.InsideAsync(
            "cat >/run/node/victim.yaml; mv /run/node/victim.yaml $0",
            [File],
            manifest,
            cancellationToken
        );
        StaticVictim victim = new();
        await Condition.HoldsAsync(
            async token => (await ContainerAsync(token))?["ready"]?.GetValue<bool>() == true,
            "the static pod runs",
            Soon,
            cancellationToken
        );
        return victim;
    }

    /// <summary>The status of its one container; null while there is none.</summary>
    public static async Task<JsonNode?> ContainerAsync(CancellationToken cancellationToken) =>
        (await Installation.FindAsync(Namespace, "pod", Pod, cancellationToken))?["status"]?["containerStatuses"]?[0];

    public async ValueTask DisposeAsync()
    {
        await Shell.InsideAsync("rm $0", [File]);
        await Condition.HoldsAsync(
            async token => await Installation.FindAsync(Namespace, "pod", Pod, token) is null,
            "the static pod is gone",
            Soon
        );
    }
}
