using ForkGuard.Faults.Tests.Scenes;

[assembly: AssemblyFixture(typeof(FaultCluster))]
