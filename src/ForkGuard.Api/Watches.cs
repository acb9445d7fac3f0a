namespace ForkGuard.Api;

/// <summary>The API group and its version.</summary>
public static class ForkGuardApi
{
    public const string Group = "forkguard.io";
    public const string Version = "v1alpha1";
    public const string ApiVersion = Group + "/" + Version;
    public const string ForkWatchKind = "ForkWatch";
    public const string ClusterForkWatchKind = "ClusterForkWatch";
    public const string ForkRestartKind = "ForkRestart";
    public const string NodeForkReportKind = "NodeForkReport";
}

/// <summary>Watches pods of its own namespace.</summary>
/// <remarks>The generated JSON code sets what is absent to null; the accessors keep the names even so.</remarks>
public sealed record ForkWatch
{
    public string ApiVersion
    {
        get;
        init => field = value ?? ForkGuardApi.ApiVersion;
    } = ForkGuardApi.ApiVersion;
    public string Kind
    {
        get;
        init => field = value ?? ForkGuardApi.ForkWatchKind;
    } = ForkGuardApi.ForkWatchKind;
    public ObjectMeta? Metadata { get; init; }
    public ForkWatchSpec? Spec { get; init; }
    public WatchStatus? Status { get; init; }
}

/// <summary>Watches pods of many namespaces, and processes that belong to no pod.</summary>
public sealed record ClusterForkWatch
{
    public string ApiVersion
    {
        get;
        init => field = value ?? ForkGuardApi.ApiVersion;
    } = ForkGuardApi.ApiVersion;
    public string Kind
    {
        get;
        init => field = value ?? ForkGuardApi.ClusterForkWatchKind;
    } = ForkGuardApi.ClusterForkWatchKind;
    public ObjectMeta? Metadata { get; init; }
    public ClusterForkWatchSpec? Spec { get; init; }
    public WatchStatus? Status { get; init; }
}
