using ForkGuard.Faults.Tests.Scenes;

[assembly: AssemblyFixture(typeof(FaultCluster))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]
