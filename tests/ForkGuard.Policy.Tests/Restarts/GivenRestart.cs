using ForkGuard.Api;
using ForkGuard.Api.Constraints;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>A request and facts that pass every gate, and records in one line.</summary>
internal static class GivenRestart
{
    public const string Watch = "ForkWatch shop/redis";
    public const string PodUid = "uid-1";
    public const string Node = "node-a";

    public static readonly RestartPolicy Policy = RestartPolicy.From(spec: null);

    public static readonly RestartOwner Owner = new()
    {
        ApiVersion = "apps/v1",
        Kind = "Deployment",
        Name = "redis",
    };

    public static readonly RestartWriter Writer = new()
    {
        LeaseNamespace = "forkguard",
        LeaseUid = "lease-1",
        LeaseTransitions = 3,
        Identity = "pod-1_abc",
    };

    public static readonly RestartRequest Request = new()
    {
        Watch = new WatchReference
        {
            Kind = "ForkWatch",
            Namespace = "shop",
            Name = "redis",
            Uid = "watch-1",
            Generation = 2,
        },
        Policy = Policy,
        ActAtPercent = 90,
        Pod = PodOf(PodUid),
        Node = Node,
        Constraint = ConstraintType.Pids,
        Limit = 100,
        Reason = "redis-server is at 95 % of the limit",
        BlockedBy = [],
        ReadingAge = TimeSpan.FromSeconds(45),
        ScanInterval = Given.Scan,
        Cooldown = TimeSpan.FromHours(1),
        CooldownWatch = Watch,
    };

    public static readonly PodFacts Pod = new() { Uid = PodUid, Node = Node };

    public static readonly OwnerFacts Workload = new()
    {
        Owner = Owner,
        Uid = "owner-1",
        ControllerUid = "set-1",
        TemplateHash = "template-1",
        Replicas = 3,
    };

    public static readonly RestartFacts Facts = new()
    {
        IsLeader = true,
        Pod = Pod,
        Owner = Workload,
        Siblings = [Sibling(PodUid), Sibling("uid-2"), Sibling("uid-3")],
        Node = new NodeFacts(IsReady: true, IsDraining: false, Zone: "zone-a"),
    };

    public static readonly RestartInput Input = new()
    {
        Record = null,
        Facts = Facts,
        Writer = Writer,
        Now = Given.Start,
    };

    public static PodReference PodOf(string uid) =>
        new()
        {
            Namespace = "shop",
            Name = $"redis-{uid}",
            Uid = uid,
        };

    public static SiblingPod Sibling(string uid, bool ready = true, bool terminating = false) =>
        new(uid, $"redis-{uid}", Node, "set-1", ready, terminating);

    public static OpenRestart Open(
        string watch = "watch-9",
        string node = "node-z",
        string? zone = "zone-z",
        string space = "other",
        RestartState state = RestartState.Replacing,
        string version = "7"
    ) => new($"{space}/deployment-x", space, watch, node, zone, state, version);

    /// <summary>A record without a restart in progress.</summary>
    public static ForkRestartStatus Past(params PastRestart[] history) =>
        new() { State = RestartState.Idle, History = history };

    /// <summary>A record whose cooldown began at a second.</summary>
    public static ForkRestartStatus Cooling(double since, double until, string watch = Watch) =>
        new()
        {
            State = RestartState.Idle,
            Cooldown = new RestartCooldown
            {
                Since = Given.At(since),
                Until = Given.At(until),
                Watch = watch,
            },
        };

    public static PastRestart Ended(double second, RestartResult result) =>
        new()
        {
            Pod = PodOf("uid-0"),
            Watch = Watch,
            Method = RestartMethod.Evict,
            DecidedTime = Given.At(second - 60),
            EndedTime = Given.At(second),
            Result = result,
        };

    /// <summary>The record that a step writes.</summary>
    public static ForkRestartStatus Written(RestartInput input) =>
        RestartMachine.Step(input).Put ?? throw new InvalidOperationException("The step writes nothing.");

    /// <summary>What speaks against a restart at a second.</summary>
    public static IEnumerable<BlockReason> BlocksOf(
        ForkRestartStatus record,
        RestartRequest? request = null,
        double second = 60
    ) =>
        RestartGates
            .Blocks(new GateInput(record, request ?? Request, Facts, RestartBudget.Default, Given.At(second)))
            .Select(block => block.Reason);

    /// <summary>The record of a restart that was decided at noon and called a second later.</summary>
    public static ForkRestartStatus Called()
    {
        var decided = Written(Input with { Request = Request });
        return Written(Input with { Record = decided, Version = "1", Request = Request, Now = Given.At(1) });
    }
}
