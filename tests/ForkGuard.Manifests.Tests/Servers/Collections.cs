namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>Tests against the whole API server.</summary>
[CollectionDefinition]
public sealed class OnControlPlane : ICollectionFixture<ControlPlaneWithCrds>;

/// <summary>Tests against the server that knows CEL.</summary>
[CollectionDefinition]
public sealed class OnCelServer : ICollectionFixture<CelServer>;
