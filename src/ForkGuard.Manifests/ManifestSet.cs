using ForkGuard.Api;

namespace ForkGuard.Manifests;

/// <summary>Contents of a file or a folder of manifests: the valid watches, and all errors of the others.</summary>
/// <param name="Watches">By file, document and line.</param>
/// <param name="Errors">By file, document and line; empty if every manifest is good.</param>
internal sealed record ManifestSet(IReadOnlyList<ManifestWatch> Watches, IReadOnlyList<ManifestError> Errors);

/// <summary>A good watch and where it was read; exactly one of the two kinds is there.</summary>
/// <param name="File">The file as it was given.</param>
/// <param name="Document">Which document of the file, from 1.</param>
/// <param name="Line">The line on which the watch begins, from 1.</param>
/// <param name="ForkWatch">The watch, if it is a ForkWatch.</param>
/// <param name="ClusterForkWatch">The watch, if it is a ClusterForkWatch.</param>
internal sealed record ManifestWatch(
    string File,
    int Document,
    int Line,
    ForkWatch? ForkWatch,
    ClusterForkWatch? ClusterForkWatch
)
{
    // kubectl puts a manifest without a namespace in this one by default.
    private const string DefaultNamespace = "default";

    /// <summary>Two watches with the same identity would overwrite each other in a cluster.</summary>
    public (string Kind, string Namespace, string Name) Identity =>
        ForkWatch is { } watch
            ? (watch.Kind, watch.Metadata?.Namespace ?? DefaultNamespace, watch.Metadata?.Name ?? "")
            : (ForkGuardApi.ClusterForkWatchKind, "", ClusterForkWatch?.Metadata?.Name ?? "");
}
