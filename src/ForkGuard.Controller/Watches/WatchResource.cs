using ForkGuard.Api;
using ForkGuard.Api.Validation;

namespace ForkGuard.Controller.Watches;

/// <summary>A ForkWatch or a ClusterForkWatch as the API server has it.</summary>
/// <param name="ForkWatch">Set for one of the two.</param>
/// <param name="ClusterForkWatch">Set for the other.</param>
internal sealed record WatchResource(ForkWatch? ForkWatch, ClusterForkWatch? ClusterForkWatch)
{
    internal static WatchResource Of(ForkWatch watch) => new(watch, ClusterForkWatch: null);

    internal static WatchResource Of(ClusterForkWatch watch) => new(ForkWatch: null, watch);

    internal WatchIdentity Identity =>
        ForkWatch is not null ? WatchIdentity.Of(ForkWatch) : WatchIdentity.Of(ClusterForkWatch!);

    internal ObjectMeta Metadata => (ForkWatch?.Metadata ?? ClusterForkWatch?.Metadata) ?? new ObjectMeta();

    internal WatchStatus? Status => ForkWatch is not null ? ForkWatch.Status : ClusterForkWatch!.Status;

    internal IReadOnlyList<ValidationError> Validate() =>
        ForkWatch is not null ? WatchValidator.Validate(ForkWatch) : WatchValidator.Validate(ClusterForkWatch!);
}
