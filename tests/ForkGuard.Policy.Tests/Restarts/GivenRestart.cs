using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>Facts that pass every gate, and ledger entries in one line.</summary>
internal static class GivenRestart
{
    public const string Watch = "ForkWatch shop/redis";
    public const string OtherWatch = "ClusterForkWatch all";
    public const string PodUid = "uid-1";
    public const string Node = "node-a";

    public static readonly RestartPolicy Policy = RestartPolicy.From(spec: null);

    public static readonly OwnerFacts Owner = OwnerOf("redis");

    public static readonly PodFacts Pod = new()
    {
        Uid = PodUid,
        Node = Node,
        Owner = Owner,
    };

    public static readonly RestartFacts Facts = new()
    {
        IsLeader = true,
        Report = new ReportFacts(PodUid, Node, Given.At(-45), Given.Scan),
        Pod = Pod,
        Ledger = new LedgerFacts(),
    };

    public static OwnerFacts OwnerOf(string name, int otherReady = 2) => new("Deployment", "shop", name, otherReady);

    public static RestartIntent Intent(double second, string podUid = PodUid, string node = Node) =>
        new()
        {
            Pod = new PodReference
            {
                Namespace = "shop",
                Name = "redis-0",
                Uid = podUid,
            },
            Node = node,
            Time = Given.At(second),
        };

    public static OwnerRecord Entry(string name = "redis") =>
        new()
        {
            Kind = "Deployment",
            Namespace = "shop",
            Name = name,
        };

    /// <summary>Accepted at a second, and over.</summary>
    public static OwnerRecord Restarted(double second, string name = "redis") =>
        Entry(name) with
        {
            LastRestartTime = Given.At(second),
            RestartTimes = [Given.At(second)],
        };

    /// <summary>Decided at a second, and no answer yet.</summary>
    public static OwnerRecord Decided(double second, string podUid = PodUid, string name = "redis") =>
        Entry(name) with
        {
            Restart = Intent(second, podUid),
        };

    /// <summary>Accepted at a second, and the replacement is awaited.</summary>
    public static OwnerRecord UnderWay(
        double second,
        string podUid = "uid-0",
        string name = "redis",
        string node = Node
    ) =>
        Restarted(second, name) with
        {
            Restart = Intent(second, podUid, node) with { AcceptedTime = Given.At(second) },
        };

    public static LedgerPage Page(string watch, params OwnerRecord[] owners) => new(watch, owners);

    public static LedgerFacts Survey(
        IReadOnlyCollection<LedgerPage> pages,
        string watch = Watch,
        string podUid = PodUid,
        string node = Node,
        bool dryRun = false,
        double second = 0
    ) => LedgerSurvey.Of(pages, watch, Owner, podUid, node, dryRun, Given.At(second));
}
