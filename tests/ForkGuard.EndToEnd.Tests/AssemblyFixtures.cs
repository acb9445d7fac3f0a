using ForkGuard.EndToEnd.Tests.Cluster;

[assembly: AssemblyFixture(typeof(Installation))]
// One node, two cores.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
