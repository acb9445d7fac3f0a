using ForkGuard.Api;
using ForkGuard.ControllerRuntime;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Controller.Restarts;

/// <summary>A workload, and where its record is.</summary>
internal sealed record RecordKey(string Namespace, RestartOwner Owner)
{
    internal ResourceKey Resource { get; } = new(Namespace, RestartNames.Of(Owner));
}
