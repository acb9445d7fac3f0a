namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>
/// Victims whose growth counts. They start before the first test, since a process must have settled for that, which takes two
/// minutes.
/// </summary>
internal static class SettlingVictims
{
    public const string Replaced = "replaced";
    public const string Single = "single";
    public const string Budget = "budget";

    /// <summary>The agent writes a report at every scan from 5 points below this.</summary>
    public const int WarnAtPercent = 65;

    // Below the level at which a watch takes a replacement for recovered.
    private const int Percent = 62;

    public static long Pages { get; } = VictimPods.PagesOf(Percent);

    private static readonly Dictionary<string, VictimPods> Started = new(StringComparer.Ordinal);

    public static async Task StartAsync()
    {
        foreach (
            VictimPods pods in await Task.WhenAll(
                StartAsync(Replaced, replicas: 2),
                StartAsync(Single, replicas: 1),
                StartAsync(Budget, replicas: 2)
            )
        )
        {
            Started.Add(pods.Namespace, pods);
        }
    }

    public static VictimPods Of(string ns) => Started[ns];

    /// <summary>Waits until the pod has settled, and makes its mapping longer than what the kernel grants.</summary>
    public static async Task OutgrowAsync(VictimPods victims, string pod, CancellationToken cancellationToken)
    {
        _ = await Node.SettledAsync(pod, cancellationToken);
        await victims.GrowAsync(pod, VictimPods.TooManyPages - Pages, cancellationToken);
    }

    private static Task<VictimPods> StartAsync(string ns, int replicas) =>
        VictimPods.StartAsync(ns, Pages, CancellationToken.None, replicas);
}
